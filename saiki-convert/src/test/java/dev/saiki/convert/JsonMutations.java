package dev.saiki.convert;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Random;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ContainerNode;
import tools.jackson.databind.node.ObjectNode;

/// Damage to JSON values and keys: values are replaced, keys are removed, renamed or repeated, and lists are
/// nested.
final class JsonMutations {

    private static final String MARK = "\"mark-of-a-mutation\"";

    private static final List<String> VALUES = List.of(
            "null",
            "true",
            "false",
            "0",
            "1",
            "-1",
            "3",
            "0.5",
            "-0.0",
            "1e308",
            "1e999",
            "-1e999",
            "1e-400",
            "2147483647",
            "2147483648",
            "4096",
            "1048575",
            "16777216",
            "9223372036854775807",
            "9223372036854775808",
            "123456789012345678901234567890",
            "1" + "0".repeat(400),
            "1e1000000000",
            "NaN",
            "\"\"",
            "\"x\"",
            "\"\\ud800\"",
            "\"\\u0000\"",
            "\"" + "a".repeat(70_000) + "\"",
            "\"(?i:x)+{1,9999}\"",
            "\"((((a*)*)*)*)*b\"",
            "[]",
            "{}",
            "[null]",
            "[[]]",
            "{\"\": 1}",
            "{\"type\": \"Sequence\"}",
            "[".repeat(40) + "]".repeat(40),
            "[".repeat(3_000) + "]".repeat(3_000),
            "{\"a\":".repeat(900) + "1" + "}".repeat(900),
            "");

    private final JsonNode valid;

    /// @param valid the content of a file without damage
    JsonMutations(byte[] valid) {
        this.valid = JsonMapper.shared().readTree(valid);
    }

    /// Returns a copy of the file with one or two changes.
    byte[] mutated(Random random) {
        JsonNode root = valid.deepCopy();
        String marked = change(root, random);
        if (random.nextInt(3) == 0) {
            marked = change(JsonMapper.shared().readTree(marked.replace(MARK, "1")), random);
        }
        String value = VALUES.get(random.nextInt(VALUES.size()));
        byte[] bytes = marked.replace(MARK, value).getBytes(StandardCharsets.UTF_8);
        return random.nextInt(5) == 0 ? ByteMutations.anywhere(bytes, random) : bytes;
    }

    /// Changes one place. A mark stands for a value that a JSON tree cannot represent; the caller replaces it.
    private static String change(JsonNode root, Random random) {
        ContainerNode<?> place = place((ContainerNode<?>) root, random);
        switch (place) {
            case ObjectNode object when !object.isEmpty() -> changeObject(object, random);
            case ObjectNode object -> object.set("more", mark());
            case ArrayNode list when !list.isEmpty() -> changeList(list, random);
            case ArrayNode list -> list.add(mark());
            default -> throw new IllegalStateException(place.getNodeType().toString());
        }
        String text = root.toString();
        if (random.nextInt(10) == 0 && place instanceof ObjectNode object && !object.isEmpty()) {
            // The same key twice.
            String key = "{\"" + object.propertyNames().iterator().next() + "\":";
            text = text.replace(key, key + MARK + "," + key.substring(1));
        }
        return text;
    }

    /// Finds a random place by walking down the tree.
    private static ContainerNode<?> place(ContainerNode<?> root, Random random) {
        ContainerNode<?> at = root;
        while (random.nextInt(5) > 0) {
            List<JsonNode> inner = at.values().stream()
                    .filter(node -> node instanceof ContainerNode<?>)
                    .toList();
            if (inner.isEmpty()) {
                return at;
            }
            at = (ContainerNode<?>) inner.get(random.nextInt(inner.size()));
        }
        return at;
    }

    private static void changeObject(ObjectNode object, Random random) {
        List<String> keys = List.copyOf(object.propertyNames());
        String key = keys.get(random.nextInt(keys.size()));
        JsonNode value = object.get(key);
        switch (random.nextInt(6)) {
            case 0 -> object.remove(key);
            case 1 -> {
                object.remove(key);
                object.set(key + "x", value);
            }
            case 2 -> object.set(keys.get(random.nextInt(keys.size())), value);
            case 3 -> object.set("y" + random.nextInt(9), mark());
            default -> object.set(key, mark());
        }
    }

    private static void changeList(ArrayNode list, Random random) {
        int at = random.nextInt(list.size());
        switch (random.nextInt(4)) {
            case 0 -> list.remove(at);
            case 1 -> list.add(list.get(at));
            case 2 -> list.insert(at, mark());
            default -> list.set(at, mark());
        }
    }

    private static JsonNode mark() {
        return JsonMapper.shared().readTree(MARK);
    }
}
