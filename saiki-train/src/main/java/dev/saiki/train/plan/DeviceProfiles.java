package dev.saiki.train.plan;

import dev.saiki.io.InputException;
import dev.saiki.io.Resources;
import dev.saiki.io.Suggestions;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// Profiles of devices: built-in ones, and those of users in YAML files.
public final class DeviceProfiles {

    /// The names of the built-in profiles.
    public static final List<String> NAMES = List.of("cpu-zen4-2", "h100");

    private static final YAMLMapper MAPPER = new YAMLMapper();
    private static final Set<String> KEYS = Set.of(
            "name",
            "source",
            "workers",
            "memory_bytes",
            "runtime_bytes",
            "float32_flops_per_second",
            "bfloat16_flops_per_second",
            "seconds_per_number",
            "memory_bytes_per_second",
            "network");
    private static final Set<String> NETWORK_KEYS = Set.of("bytes_per_second", "seconds_per_message");

    private DeviceProfiles() {}

    /// Finds a profile.
    ///
    /// @param nameOrFile one of {@link #NAMES}, or the path of a YAML file
    /// @return the profile
    /// @throws InputException if there is no such profile, or a figure is missing
    public static DeviceProfile find(String nameOrFile) {
        if (NAMES.contains(nameOrFile)) {
            String file = nameOrFile + ".yaml";
            return read(
                    MAPPER.readTree(Resources.bytes(DeviceProfiles.class.getResourceAsStream(file), file)), nameOrFile);
        }
        Path file = Path.of(nameOrFile);
        if (!Files.isRegularFile(file)) {
            throw new InputException(nameOrFile + ": must be one of Saiki's devices (" + String.join(", ", NAMES)
                    + ") or a YAML file of a device, got neither" + Suggestions.hint(nameOrFile, NAMES));
        }
        try {
            return read(MAPPER.readTree(file), nameOrFile);
        } catch (JacksonException e) {
            throw new InputException(nameOrFile + ": not valid YAML: " + e.getOriginalMessage(), e);
        }
    }

    private static DeviceProfile read(JsonNode root, String where) {
        requireKeys(root, KEYS, where);
        JsonNode network = root.path("network");
        requireKeys(network, NETWORK_KEYS, where + ", network");
        return new DeviceProfile(
                text(root, "name", where),
                text(root, "source", where),
                (int) number(root, "workers", where),
                (long) number(root, "memory_bytes", where),
                (long) number(root, "runtime_bytes", where),
                number(root, "float32_flops_per_second", where),
                number(root, "bfloat16_flops_per_second", where),
                number(root, "seconds_per_number", where),
                number(root, "memory_bytes_per_second", where),
                new DeviceProfile.Network(
                        number(network, "bytes_per_second", where), number(network, "seconds_per_message", where)));
    }

    private static void requireKeys(JsonNode node, Set<String> known, String where) {
        InputException.require(node.isObject(), where, "the content", "keys with values", "something else");
        for (String key : node.propertyNames()) {
            if (!known.contains(key)) {
                throw new InputException(where + ": unknown key '" + key + "'" + Suggestions.hint(key, known));
            }
        }
    }

    private static String text(JsonNode node, String key, String where) {
        InputException.require(node.path(key).isString(), where, key, "a text", node.path(key));
        return node.path(key).stringValue();
    }

    private static double number(JsonNode node, String key, String where) {
        JsonNode value = node.path(key);
        double number = value.isNumber() ? value.doubleValue() : Double.NaN;
        InputException.require(number > 0 && number < Double.POSITIVE_INFINITY, where, key, "a number above 0", value);
        return number;
    }
}
