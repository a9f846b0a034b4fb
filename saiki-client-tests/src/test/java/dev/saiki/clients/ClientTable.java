package dev.saiki.clients;

import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The table of clients and features in `docs/clients.md`, whose rows are made from the tests.
final class ClientTable {

    /// The folder with the JavaScript clients' scripts and the lock file with their versions.
    static final Path SCRIPTS = Path.of("src/test/node");

    private static final Path PAGE = Path.of("../docs/clients.md");
    private static final Pattern VERSION = Pattern.compile("-(\\d[^/]*)\\.jar$");
    private static final JsonMapper JSON = JsonMapper.shared();

    /// The content of a cell.
    enum Cell {
        /// The check passes.
        YES("yes"),
        /// The check fails; the reason is given beside the table.
        NO("no"),
        /// The client has no such feature.
        ABSENT("–");

        private final String text;

        Cell(String text) {
            this.text = text;
        }
    }

    private ClientTable() {}

    /// The lines of the table, without its header.
    static List<String> lines() throws IOException {
        try (Stream<String> lines = Files.lines(PAGE)) {
            return lines.filter(line -> line.startsWith("| `")).toList();
        }
    }

    /// The row of a Java client.
    ///
    /// @param tests the test class, annotated with its client
    /// @throws IllegalStateException if a feature is neither shown nor lacking
    static String row(Class<?> tests) {
        Client client = Objects.requireNonNull(tests.getAnnotation(Client.class));
        Set<Feature> shown = Arrays.stream(tests.getDeclaredMethods())
                .map(ClientTable::shownBy)
                .flatMap(Arrays::stream)
                .collect(Collectors.toCollection(() -> EnumSet.noneOf(Feature.class)));
        Set<Feature> lacks = Set.of(client.lacks());
        Map<Feature, Cell> cells = new EnumMap<>(Feature.class);
        for (Feature feature : Feature.values()) {
            if (shown.contains(feature) == lacks.contains(feature)) {
                throw new IllegalStateException(tests + " must show " + feature + " or lack it");
            }
            cells.put(feature, shown.contains(feature) ? Cell.YES : Cell.ABSENT);
        }
        return row("`" + client.artifact() + "` " + version(client.type()), cells);
    }

    private static Feature[] shownBy(Method test) {
        Shows shows = test.getAnnotation(Shows.class);
        return shows == null ? new Feature[0] : shows.value();
    }

    private static String version(Class<?> type) {
        Matcher name = VERSION.matcher(
                type.getProtectionDomain().getCodeSource().getLocation().getPath());
        if (!name.find()) {
            throw new IllegalStateException(type + " is in no jar with a version");
        }
        return name.group(1);
    }

    /// npm packages with the versions in the lock file.
    static String versions(List<String> packages) throws IOException {
        JsonNode locked = JSON.readTree(Files.readAllBytes(SCRIPTS.resolve("package-lock.json")))
                .get("packages");
        return packages.stream()
                .map(name -> "`" + name + "` "
                        + locked.get("node_modules/" + name).get("version").stringValue())
                .collect(Collectors.joining(", "));
    }

    /// A row of the table.
    ///
    /// @param client the first cell
    /// @param cells one cell for each feature
    static String row(String client, Map<Feature, Cell> cells) {
        return Stream.concat(Stream.of(client), cells.values().stream().map(cell -> cell.text))
                .collect(Collectors.joining(" | ", "| ", " |"));
    }
}
