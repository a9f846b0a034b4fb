package dev.saiki.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.saiki.architecture.SourceTypes.SourceMethod;
import dev.saiki.architecture.SourceTypes.SourceType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// Rules for the length of methods, the names of types and the lines of comments.
class SourceStructureTest {

    private static final int MOST_LINES_OF_A_METHOD = 60;
    private static final int MOST_LINES_OF_ANY_METHOD = 90;

    /// The methods that may be longer than a screen, up to the limit of all methods, with the reason.
    private static final Map<String, String> LONG_METHODS = Map.of(
            "BFloat16Matrix.multiplyTile", "a kernel whose sums must be local variables to stay in registers",
            "Float32Matrix.multiplyTile", "a kernel whose sums must be local variables to stay in registers");

    private static final List<SourceType> TYPES = SourceTypes.in(Repository.javaSources().stream()
            .filter(file -> Repository.nameOf(file).contains("/src/main/"))
            .filter(file -> !file.endsWith("package-info.java") && !file.endsWith("module-info.java"))
            .toList());

    @Test
    void methodsFitAScreen() {
        assertThat(longMethods(MOST_LINES_OF_A_METHOD).filter(method -> !LONG_METHODS.containsKey(method.name())))
                .isEmpty();
        assertThat(longMethods(MOST_LINES_OF_ANY_METHOD)).isEmpty();
        assertThat(longMethods(MOST_LINES_OF_A_METHOD).map(SourceMethod::name))
                .as("exceptions that are needed no longer")
                .containsAll(LONG_METHODS.keySet());
    }

    private static Stream<SourceMethod> longMethods(int most) {
        return TYPES.stream().flatMap(type -> type.methods().stream()).filter(method -> method.lines() > most);
    }

    @Test
    void noTwoTypesHaveOneName() {
        Map<String, List<String>> places = TYPES.stream()
                .filter(type -> !type.isNested())
                .collect(Collectors.groupingBy(
                        SourceType::simpleName,
                        TreeMap::new,
                        Collectors.mapping(SourceType::place, Collectors.toList())));
        places.values().removeIf(found -> found.size() == 1);
        assertThat(places).isEmpty();
    }

    @Test
    void commentsAreNotTorn() {
        List<String> torn = new ArrayList<>();
        for (Path file : Repository.javaSources()) {
            TornComments.in(lines(file)).forEach(line -> torn.add(Repository.nameOf(file) + ":" + line));
        }
        assertThat(torn).isEmpty();
    }

    @Test
    void theRulesFindWhatTheyLookFor() {
        assertThat(TornComments.in(List.of("/// A line that goes on and", "/// on", "/// until it ends.")))
                .containsExactly(2);
        assertThat(TornComments.in(
                        List.of("/// A line that ends", "/// here.", "/// And another.", "/// ```", "/// x", "/// y")))
                .isEmpty();
        SourceType self = SourceTypes.in(List.of(Repository.ROOT.resolve(
                        "saiki-architecture-tests/src/test/java/dev/saiki/architecture/SourceTypes.java")))
                .stream()
                .filter(type -> type.name().equals("SourceTypes.SourceType"))
                .findFirst()
                .orElseThrow();
        assertThat(self.methods())
                .extracting(SourceMethod::name, SourceMethod::lines)
                .contains(tuple("SourceTypes.SourceType.place", 3L));
    }

    private static List<String> lines(Path file) {
        return Repository.read(file).lines().toList();
    }
}
