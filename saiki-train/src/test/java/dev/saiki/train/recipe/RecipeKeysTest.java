package dev.saiki.train.recipe;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Compares the keys in `docs/recipes.md` with the keys that a recipe may have.
class RecipeKeysTest {

    private static final Path PAGE = Path.of("..", "docs", "recipes.md");

    private static final Pattern SECTION = Pattern.compile("## (\\w+)");
    private static final Pattern ROW = Pattern.compile("\\| (`[^|]+`) \\|.*");
    private static final Pattern KEY = Pattern.compile("`([\\w.]+)`");

    private static final List<String> BASE =
            List.of("initialisation.from=" + Path.of("..", "golden", "stories260k", "checkpoint"));

    /// Keys that exist only beside a certain value of another key.
    private static final Map<String, String> BESIDE =
            Map.of("objective.full_depth.router.kept_gain", "objective.full_depth.router.target=weighted_labels");

    static List<String> documented() throws IOException {
        List<String> keys = new ArrayList<>();
        String section = "";
        for (String line : Files.readAllLines(PAGE)) {
            Matcher heading = SECTION.matcher(line);
            Matcher row = ROW.matcher(line);
            if (heading.matches()) {
                section = heading.group(1);
            } else if (row.matches()) {
                String prefix = section + ".";
                KEY.matcher(row.group(1)).results().forEach(key -> keys.add(prefix + key.group(1)));
            }
        }
        return keys;
    }

    static List<String> recipes() {
        return BuiltInRecipes.names();
    }

    @ParameterizedTest
    @MethodSource("documented")
    void everyDocumentedKeyIsKnown(String key) {
        // No key accepts a list of empty lists, so each known key is refused for its value and not for its
        // name.
        List<String> settings = Stream.concat(Stream.ofNullable(BESIDE.get(key)), Stream.of(key + "=[[]]"))
                .toList();
        assertThatThrownBy(() -> Recipe.builtIn("small-mor3-gain", settings))
                .message()
                .doesNotContain("unknown key", "is not a known key");
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void everyKeyOfAResolvedRecipeIsDocumented(String name) throws IOException {
        boolean needsBase = name.startsWith("deepen") || name.startsWith("finetune");
        TreeSet<String> keys = new TreeSet<>();
        collect("", Recipe.builtIn(name, needsBase ? BASE : List.of()).toTree(), keys);
        assertThat(documented()).containsAll(keys);
    }

    private static void collect(String path, ObjectNode tree, Set<String> keys) {
        for (String name : tree.propertyNames()) {
            JsonNode value = tree.get(name);
            String key = path.isEmpty() ? name : path + "." + name;
            if (value instanceof ObjectNode inner) {
                collect(key, inner, keys);
            } else {
                keys.add(key);
            }
        }
    }
}
