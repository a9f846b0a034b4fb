package dev.saiki.train.recipe;

import dev.saiki.io.InputException;
import dev.saiki.io.Problems;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonToken;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.dataformat.yaml.YAMLFactory;
import tools.jackson.dataformat.yaml.YAMLMapper;
import tools.jackson.dataformat.yaml.YAMLParser;
import tools.jackson.dataformat.yaml.YAMLWriteFeature;

/// The layers of a recipe: the file that `extends` names, the file itself and the overrides, each on top of the
/// one before.
///
/// A later layer wins key by key; an empty value takes a key out. Of keys that say the same thing in different
/// units the later layer's takes the others out: `steps` laid over `tokens` is not a contradiction.
final class RecipeLayers {

    static final YAMLMapper YAML = YAMLMapper.builder(YAMLFactory.builder()
                    .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                    .streamReadConstraints(
                            StreamReadConstraints.builder().maxNestingDepth(32).build())
                    .disable(YAMLWriteFeature.WRITE_DOC_START_MARKER)
                    .enable(YAMLWriteFeature.MINIMIZE_QUOTES)
                    .enable(YAMLWriteFeature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
                    .build())
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static final String EXTENDS = "extends";
    private static final int DEEPEST = 8;

    /// How the parser calls the end of a text in which something is still open.
    private static final Pattern END_OF_TEXT = Pattern.compile("stream end|end of stream");

    private static final Pattern OVERRIDE =
            Pattern.compile("([a-z][a-z0-9_]*(?:\\.[a-z][a-z0-9_]*)*)=(.*)", Pattern.DOTALL);

    private static final Map<String, List<Set<String>>> ALTERNATIVES = Map.of(
            "schedule",
            List.of(
                    Set.of("steps", "tokens", "forward_flops"),
                    Set.of("warmup_steps", "warmup_fraction"),
                    Set.of("decay_steps", "decay_fraction")));

    private RecipeLayers() {}

    static ObjectNode merge(RecipeSource source, List<String> overrides, Problems problems) {
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        for (ObjectNode layer : chain(source)) {
            lay(tree, layer);
        }
        for (String override : overrides) {
            problems.attempt(() -> parseOverride(override)).ifPresent(layer -> lay(tree, layer));
        }
        return tree;
    }

    /// The layers of a source, the farthest ancestor first.
    private static List<ObjectNode> chain(RecipeSource source) {
        List<ObjectNode> layers = new ArrayList<>();
        RecipeSource last = source;
        ObjectNode layer = parse(source);
        while (true) {
            layers.addFirst(layer);
            @Nullable JsonNode parent = layer.remove(EXTENDS);
            if (parent == null) {
                return layers;
            }
            if (!parent.isString()) {
                throw InputException.of(last.name(), EXTENDS, "the name of another recipe file", parent);
            }
            if (layers.size() == DEEPEST) {
                throw new InputException(source.name() + ": extends more than " + (DEEPEST - 1)
                        + " recipes in a row; does one of them extend itself?");
            }
            try {
                RecipeSource next = last.sibling(parent.stringValue());
                layer = parse(next);
                last = next;
            } catch (InputException e) {
                throw new InputException(last.name() + ": extends: " + e.getMessage(), e);
            }
        }
    }

    /// Parses one source, without what it extends.
    static ObjectNode parse(RecipeSource source) {
        String text = source.text();
        try {
            refuseAliases(source.name(), text);
            JsonNode tree = YAML.readTree(text);
            if (tree instanceof ObjectNode object) {
                return object;
            }
            throw InputException.of(
                    source.name(), "the file", "a YAML mapping of sections", tree.isMissingNode() ? "nothing" : tree);
        } catch (JacksonException e) {
            throw notYaml(source.name(), e);
        }
    }

    /// The parser would read an alias as a text of its name, and a recipe has no need of them.
    private static void refuseAliases(String name, String text) {
        try (YAMLParser parser = (YAMLParser) YAML.createParser(text)) {
            for (JsonToken token = parser.nextToken(); token != null; token = parser.nextToken()) {
                if (parser.isCurrentAlias()) {
                    throw new InputException(
                            name + ": line " + parser.currentLocation().getLineNr()
                                    + ": YAML aliases cannot be used here; use extends, or write the value out, in"
                                    + " quotes if it begins with *");
                }
            }
        }
    }

    private static ObjectNode parseOverride(String override) {
        Matcher matcher = OVERRIDE.matcher(override);
        if (!matcher.matches()) {
            throw new InputException(RecipeMistakes.OPTION + override
                    + ": must be of the form section.key=value, such as optimizer.learning_rate=1e-3");
        }
        JsonNode value = parseValue(override, matcher.group(2));
        ObjectNode tree = JsonNodeFactory.instance.objectNode();
        ObjectNode inner = tree;
        String[] path = matcher.group(1).split("\\.", -1);
        for (int i = 0; i < path.length - 1; i++) {
            inner = inner.putObject(path[i]);
        }
        inner.set(path[path.length - 1], value);
        return tree;
    }

    /// A value that is not YAML, a path with a colon for one, is taken as text.
    private static JsonNode parseValue(String override, String text) {
        try {
            refuseAliases(RecipeMistakes.OPTION + override, text);
            JsonNode value = YAML.readTree(text);
            return value.isMissingNode() ? JsonNodeFactory.instance.nullNode() : value;
        } catch (JacksonException notYaml) {
            return JsonNodeFactory.instance.stringNode(text);
        }
    }

    private static void lay(ObjectNode below, ObjectNode above) {
        ALTERNATIVES.forEach((section, groups) -> {
            if (below.get(section) instanceof ObjectNode old && above.get(section) instanceof ObjectNode fresh) {
                groups.stream()
                        .filter(group -> group.stream().anyMatch(fresh::has))
                        .forEach(old::remove);
            }
        });
        layKeys(below, above);
    }

    static void layKeys(ObjectNode below, ObjectNode above) {
        above.forEachEntry((key, value) -> {
            if (value.isNull()) {
                below.remove(key);
            } else if (value instanceof ObjectNode fresh && below.get(key) instanceof ObjectNode old) {
                layKeys(old, fresh);
            } else {
                below.set(key, value);
            }
        });
    }

    private static InputException notYaml(String name, JacksonException e) {
        String where = name + ": line " + e.getLocation().getLineNr() + ": not valid YAML: ";
        String found = e.getOriginalMessage();
        return new InputException(
                where
                        + (END_OF_TEXT.matcher(found).find()
                                ? "it ends before a bracket or quotation mark is closed; close it, or copy the file anew"
                                        + " if it is cut off"
                                : firstSentence(found) + "; mend that line"),
                e);
    }

    /// The parser repeats the lines at fault behind what it found.
    private static String firstSentence(String found) {
        return found.lines()
                .map(String::strip)
                .filter(line -> !line.startsWith("in ") && !line.startsWith("at "))
                .limit(2)
                .collect(Collectors.joining(", "));
    }
}
