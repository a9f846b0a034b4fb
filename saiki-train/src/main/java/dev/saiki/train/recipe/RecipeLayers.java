package dev.saiki.train.recipe;

import dev.saiki.io.InputException;
import dev.saiki.io.Problems;
import dev.saiki.io.yaml.Yaml;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The layers of a recipe, each of which overrides the ones before it: the file that `extends` names, the file
/// itself, and the command's overrides.
///
/// A later layer overrides earlier ones key by key; an empty value removes a key. If keys state the same setting
/// in different units, the key of the later layer removes the others: `steps` in a later layer replaces `tokens`.
final class RecipeLayers {

    private static final String EXTENDS = "extends";
    private static final int DEEPEST = 8;

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

    /// The layers of a source, from its most distant ancestor to the source itself.
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
            InputException.require(parent.isString(), last.name(), EXTENDS, "the name of another recipe file", parent);
            if (layers.size() == DEEPEST) {
                throw new InputException(source.name() + ": extends more than " + (DEEPEST - 1)
                        + " recipes in a chain; does one of them extend itself?");
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

    private static ObjectNode parse(RecipeSource source) {
        return Yaml.parse(source.name(), source.text());
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

    /// A value that is not valid YAML, for example a path with a colon, is read as text.
    private static JsonNode parseValue(String override, String text) {
        try {
            JsonNode value = Yaml.value(RecipeMistakes.OPTION + override, text);
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
}
