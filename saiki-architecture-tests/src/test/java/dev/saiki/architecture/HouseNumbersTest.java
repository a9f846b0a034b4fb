package dev.saiki.architecture;

import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.saiki.architecture.SourceTypes.SourceMethod;
import dev.saiki.architecture.SourceTypes.SourceType;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/// House rules that are numbers or words, held against the main sources of all modules.
class HouseNumbersTest {

    private static final int MOST_LINES_OF_A_CLASS = 450;
    private static final int MOST_LINES_OF_A_METHOD = 60;
    private static final int MOST_LINES_OF_ANY_METHOD = 90;
    private static final int MOST_TYPES_OF_A_PACKAGE = 40;
    private static final int MOST_COMPONENTS = 10;

    /// Methods that may be longer than a screen, up to the limit of all, with the reason.
    private static final Map<String, String> LONG_METHODS = Map.of(
            "BFloat16Matrix.multiplyTile", "a kernel whose sums must be local variables to stay in registers",
            "Float32Matrix.multiplyTile", "a kernel whose sums must be local variables to stay in registers",
            "Int8Matrix.multiplyTile", "a kernel whose sums must be local variables to stay in registers");

    /// Records that may have more components, with the file format that they are.
    private static final Map<String, String> FILE_FORMATS = Map.ofEntries(
            entry("ModelConfig", "config.json of a checkpoint"),
            entry("Recipe", "a recipe's YAML, one component a section"),
            entry("RouterAudit", "the JSON of an audit of a router"),
            entry("PilotResult.Data", "pilot.json"),
            entry("PilotResult.Model", "pilot.json"),
            entry("StudyResults", "study.json"),
            entry("DatasetSummary", "a part of study.json"),
            entry("RunResult", "a part of study.json"),
            entry("Measurement", "a part of study.json"),
            entry("FamilyComparison", "a part of study.json"),
            entry("EqualCostComparison", "a part of study.json"),
            entry("AuditRecord", "a record of a server's audit"),
            entry("RequestSettings", "a part of a record of a server's audit"));

    private static final Pattern WORDS = Pattern.compile("[A-Z]+(?![a-z])|[A-Z][a-z]*|[0-9]+");

    private static final List<Path> SOURCES = Repository.javaSources().stream()
            .filter(file -> Repository.nameOf(file).contains("/src/main/"))
            .filter(file -> !file.endsWith("package-info.java") && !file.endsWith("module-info.java"))
            .toList();

    private static final List<SourceType> TYPES = SourceTypes.in(SOURCES);

    @Test
    void classesFitAFewScreens() {
        assertThat(SOURCES.stream()
                        .filter(file -> lines(file).size() > MOST_LINES_OF_A_CLASS)
                        .map(file ->
                                Repository.nameOf(file) + ": " + lines(file).size() + " lines"))
                .isEmpty();
    }

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
    void packagesHoldFewTypes() {
        Map<String, Long> sizes = TYPES.stream()
                .filter(type -> !type.isNested())
                .collect(Collectors.groupingBy(SourceType::packageName, TreeMap::new, Collectors.counting()));
        sizes.values().removeIf(size -> size <= MOST_TYPES_OF_A_PACKAGE);
        assertThat(sizes).isEmpty();
    }

    @Test
    void recordsHaveFewComponents() {
        List<SourceType> large = TYPES.stream()
                .filter(type -> type.components() > MOST_COMPONENTS)
                .toList();
        assertThat(large.stream()
                        .filter(type -> !FILE_FORMATS.containsKey(type.name()))
                        .map(type -> type.place() + " has " + type.components() + " components"))
                .isEmpty();
        assertThat(large.stream().map(SourceType::name))
                .as("exceptions that are needed no longer")
                .containsAll(FILE_FORMATS.keySet());
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
    void typesAreDefinedByNounPhrases() {
        assertThat(TYPES.stream()
                        .filter(type -> !type.firstSentence().isEmpty() && !NounPhrase.begins(type.firstSentence()))
                        .map(type -> type.place() + ": " + type.firstSentence()))
                .isEmpty();
    }

    /// The glossary's table of words that are not used, held against the words that names of types are made of.
    @Test
    void typesHaveTheWordsOfTheGlossary() {
        Set<String> notUsed = Glossary.wordsNotUsed();
        assertThat(notUsed).isNotEmpty();
        assertThat(TYPES.stream()
                        .filter(type -> wordsOf(type.simpleName()).anyMatch(notUsed::contains))
                        .map(SourceType::place))
                .isEmpty();
    }

    @Test
    void theRulesFindWhatTheyLookFor() {
        assertThat(Stream.of(
                        "What a token is.",
                        "How values compare.",
                        "Whether it holds.",
                        "Reads the file.",
                        "Gives ids a name.",
                        "Counts all words.",
                        "Read once.",
                        ""))
                .noneMatch(NounPhrase::begins);
        assertThat(Stream.of(
                        "A reader of files.",
                        "The `config.json` of a model.",
                        "Words with their counts.",
                        "Options of a server.",
                        "SHA-256, which every JDK must have.",
                        "One step of many.",
                        "Calls of a library."))
                .allMatch(NounPhrase::begins);
        assertThat(TornComments.in(List.of("/// A line that goes on and", "/// on", "/// until it ends.")))
                .containsExactly(2);
        assertThat(TornComments.in(
                        List.of("/// A line that ends", "/// here.", "/// And another.", "/// ```", "/// x", "/// y")))
                .isEmpty();
        assertThat(wordsOf("HttpAskedBFloat16")).containsExactly("http", "asked", "b", "float", "16");
        SourceType self = SourceTypes.in(List.of(Repository.ROOT.resolve(
                        "saiki-architecture-tests/src/test/java/dev/saiki/architecture/SourceTypes.java")))
                .stream()
                .filter(type -> type.name().equals("SourceTypes.SourceType"))
                .findFirst()
                .orElseThrow();
        assertThat(self.components()).isEqualTo(7);
        assertThat(self.firstSentence()).isEqualTo("One type.");
        assertThat(self.methods())
                .extracting(SourceMethod::name, SourceMethod::lines)
                .contains(tuple("SourceTypes.SourceType.place", 3L));
    }

    private static Stream<String> wordsOf(String name) {
        return WORDS.matcher(name).results().map(word -> word.group().toLowerCase(Locale.ROOT));
    }

    private static List<String> lines(Path file) {
        return Repository.read(file).lines().toList();
    }
}
