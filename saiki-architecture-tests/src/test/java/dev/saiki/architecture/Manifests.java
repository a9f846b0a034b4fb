package dev.saiki.architecture;

import dev.saiki.cli.Saiki;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MappingIterator;
import tools.jackson.dataformat.yaml.YAMLMapper;

/// The YAML documents of a deployment file, and the commands in them.
final class Manifests {

    /// The longest time that a server needs to close after its answers: 10 s for its warm-up, 5 s each for cancelled
    /// requests and for audit records, and 1 s for connections.
    static final Duration CLOSING = Duration.ofSeconds(21);

    private static final YAMLMapper MAPPER = new YAMLMapper();

    private Manifests() {}

    static List<JsonNode> parse(String yaml) {
        List<JsonNode> documents = new ArrayList<>();
        try (MappingIterator<JsonNode> all = MAPPER.readerFor(JsonNode.class).readValues(yaml)) {
            while (all.hasNext()) {
                JsonNode next = all.next();
                if (!next.isNull()) {
                    documents.add(next);
                }
            }
        }
        return documents;
    }

    /// Parses a list of words as the command line does, and throws an exception if there is no such command or
    /// option.
    static void requireCommand(JsonNode words) {
        PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
        Saiki.commandLine(nowhere, nowhere).parseArgs(words(words).toArray(String[]::new));
    }

    /// The value of the drain time in a command.
    static Duration drainTime(JsonNode words) {
        List<String> all = words(words);
        return Duration.ofSeconds(Long.parseLong(all.get(all.indexOf("--drain-seconds") + 1)));
    }

    static List<String> words(JsonNode list) {
        return list.valueStream().map(JsonNode::stringValue).toList();
    }
}
