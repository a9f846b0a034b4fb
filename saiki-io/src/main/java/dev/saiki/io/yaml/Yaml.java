package dev.saiki.io.yaml;

import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import dev.saiki.io.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLParser;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/// The YAML of recipes and plans: strict, of bounded size, and without aliases.
public final class Yaml {

    /// A limit far larger than any file written by hand.
    private static final int MAX_BYTES = 1 << 20;

    /// The parser's message for a text that ends inside an open construct.
    private static final Pattern END_OF_TEXT = Pattern.compile("stream end|end of stream");

    private static final YAMLMapper MAPPER = YAMLMapper.builder(YAMLFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(32).build())
                    .disable(YAMLWriteFeature.WRITE_DOC_START_MARKER)
                    .enable(YAMLWriteFeature.MINIMIZE_QUOTES)
                    .enable(YAMLWriteFeature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private Yaml() {}

    /// Formats keys and values.
    ///
    /// @param tree keys and values
    /// @return YAML
    public static String write(ObjectNode tree) {
        return MAPPER.writeValueAsString(tree);
    }

    /// Reads the text of a file.
    ///
    /// @param file a file, or a key in object storage
    /// @param kind the kind of file in messages, such as `plan`
    /// @return the text of the file
    /// @throws InputException if the file is missing, too long, or not UTF-8
    public static String text(Path file, String kind) {
        Path local = Storage.local(file);
        InputException.require(!Files.isDirectory(local), file.toString(), "a " + kind, "a file", "a folder");
        try {
            long size = Files.size(local);
            InputException.require(
                    size <= MAX_BYTES, file.toString(), "a " + kind, "at most " + MAX_BYTES + " bytes", size);
            return Files.readString(local);
        } catch (NoSuchFileException e) {
            throw new InputException(file + ": no such " + kind + Suggestions.forMissing(file), e);
        } catch (IOException e) {
            throw new InputException(file + ": cannot be read as UTF-8 text (" + e.getMessage() + ")", e);
        }
    }

    /// Parses sections of keys and values.
    ///
    /// @param name the name of the source, for messages
    /// @param text YAML
    /// @return keys and values
    /// @throws InputException if the text is not valid YAML, not a mapping, or has aliases
    public static ObjectNode parse(String name, String text) {
        try {
            JsonNode tree = value(name, text);
            if (tree instanceof ObjectNode object) {
                return object;
            }
            throw InputException.of(
                    name, "the file", "a YAML mapping of sections", tree.isMissingNode() ? "nothing" : tree);
        } catch (JacksonException e) {
            throw notYaml(name, e);
        }
    }

    /// Parses a single value.
    ///
    /// @param name the name of the source, for messages
    /// @param text YAML
    /// @return the value
    /// @throws InputException if the value has aliases
    /// @throws JacksonException if the value is not YAML
    public static JsonNode value(String name, String text) {
        refuseAliases(name, text);
        return MAPPER.readTree(text);
    }

    /// Aliases are refused, because the parser would read an alias as text that consists of its name.
    private static void refuseAliases(String name, String text) {
        try (YAMLParser parser = (YAMLParser) MAPPER.createParser(text)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (parser.isCurrentAlias()) {
                    throw new InputException(
                            name + ": line " + parser.currentLocation().getLineNr()
                                    + ": YAML aliases are not supported; use extends, or write the value out, in"
                                    + " quotes if it begins with *");
                }
            }
        }
    }

    private static InputException notYaml(String name, JacksonException e) {
        String found = e.getOriginalMessage();
        String what = END_OF_TEXT.matcher(found).find()
                ? "the text ends inside brackets or quotation marks; close them, or copy the file again if it is cut"
                        + " off"
                : firstSentence(found) + "; correct that line";
        return new InputException(name + ": line " + e.getLocation().getLineNr() + ": not valid YAML: " + what, e);
    }

    /// Removes the offending lines, which the parser repeats after its message.
    private static String firstSentence(String found) {
        return found.lines()
                .map(String::strip)
                .filter(line -> !line.startsWith("in ") && !line.startsWith("at "))
                .limit(2)
                .collect(Collectors.joining(", "));
    }
}
