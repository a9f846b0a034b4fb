package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.http.key.ApiKeys;
import dev.saiki.http.page.PageFile;
import dev.saiki.io.display.DepthPalette;
import dev.saiki.server.TestServer.Answer;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The pages as files: who may read them, how they are protected, and that they need nothing else.
class PagesTest {

    private static final String KEY_HASH = "0".repeat(64);
    private static final Pattern REFERENCE = Pattern.compile("(?:src|href|from)=? ?\"([^\"#][^\"]*)\"");
    private static final Pattern COLOUR = Pattern.compile("--(\\w+): #([0-9a-f]{6})");

    @TempDir
    private static Path folder;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.in(
                folder,
                EngineOptions.builder().threads(1).build(),
                options -> options.apiKeys(ApiKeys.parse(List.of("someone " + KEY_HASH), "test")));
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static String resource(String name) throws IOException {
        try (InputStream input = SaikiServer.class.getResourceAsStream("/dev/saiki/server/ui/" + name)) {
            return new String(Objects.requireNonNull(input, name).readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private static String shared(String name) {
        return new String(PageFile.shared(name).content(), StandardCharsets.UTF_8);
    }

    @ParameterizedTest
    @CsvSource({
        "dashboard, en",
        "inspector, en",
        "chat, en",
        "audit, en",
        "dashboard, ja",
        "inspector, ja",
        "chat, ja",
        "audit, ja"
    })
    void aPageAndAllItIsMadeOfNeedNoKeyAndComeFromHere(String page, String language) {
        Answer answer = server.get("/ui/" + page, "Accept-Language", language);
        assertThat(answer.status()).isEqualTo(200);
        assertThat(answer.raw().headers().firstValue("Content-Type")).contains("text/html; charset=utf-8");
        assertThat(answer.raw().body())
                .contains("<a href=\"" + page + "\" aria-current=\"page\">", "<h1>")
                .doesNotContain("{");
        List<String> references = REFERENCE
                .matcher(answer.raw().body())
                .results()
                .map(match -> match.group(1))
                .toList();
        assertThat(references)
                .hasSizeGreaterThan(5)
                .allSatisfy(
                        reference -> assertThat(server.get("/ui/" + reference).status())
                                .as(reference)
                                .isEqualTo(200));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "dashboard.js",
                "inspector.js",
                "chat.js",
                "chats.js",
                "markdown.js",
                "audit.js",
                "page.js",
                "elements.js",
                "tokens.js",
                "server.js",
                "words.js",
                "words.en.js",
                "words.ja.js",
                "metrics.js"
            })
    void modulesImportOnlyWhatIsServed(String module) {
        Answer answer = server.get("/ui/" + module);
        assertThat(answer.raw().headers().firstValue("Content-Type")).contains("text/javascript; charset=utf-8");
        for (MatchResult match :
                REFERENCE.matcher(answer.raw().body()).results().toList()) {
            assertThat(match.group(1)).startsWith("./");
            assertThat(server.get("/ui/" + match.group(1).substring(2)).status())
                    .isEqualTo(200);
        }
        // The name of SVG is no address that is asked.
        assertThat(answer.raw().body().replace("http://www.w3.org/2000/svg", ""))
                .doesNotContain("innerHTML", "http://", "https://", "eval(");
        // Only conversations and their settings outlive a tab.
        assertThat(answer.raw().body().contains("localStorage")).isEqualTo(module.equals("chats.js"));
    }

    private static Map<String, String> words(String language) throws IOException {
        Map<String, String> words = new TreeMap<>();
        for (Map.Entry<String, JsonNode> word : JsonMapper.shared()
                .readTree(resource("words." + language + ".json"))
                .properties()) {
            words.put(word.getKey(), word.getValue().stringValue());
        }
        return words;
    }

    private static List<String> found(Pattern pattern, String text) {
        return pattern.matcher(text).results().map(MatchResult::group).sorted().toList();
    }

    @Test
    void bothLanguagesHaveTheSameWordsWithTheSamePlaces() throws IOException {
        Map<String, String> english = words("en");
        Map<String, String> japanese = words("ja");
        assertThat(japanese.keySet()).isEqualTo(english.keySet());
        assertThat(english).hasSizeGreaterThan(200);
        Pattern places = Pattern.compile("\\{\\w+}|</?kbd>|</?code>");
        english.forEach((name, text) -> assertThat(found(places, Objects.requireNonNull(japanese.get(name))))
                .as(name)
                .isEqualTo(found(places, text)));
        // Signs and places alone are Japanese too.
        assertThat(japanese)
                .allSatisfy((name, text) -> assertThat(text)
                        .as(name)
                        .matches("(?s).*[\\p{IsHiragana}\\p{IsKatakana}\\p{IsHan}].*|(\\{\\w+}|\\P{L})*")
                        .doesNotContain(", "));
    }

    /// Words whose names are put together, such as that of a state, begin with one of these.
    @Test
    void everyWordIsUsedAndEveryWordThatIsUsedIsThere() throws IOException {
        Set<String> used = new TreeSet<>();
        Set<String> beginnings = new TreeSet<>();
        for (String file : List.of(
                "frame.html",
                "dashboard.html",
                "inspector.html",
                "chat.html",
                "audit.html",
                "audit-off.html",
                "dashboard.js",
                "inspector.js",
                "chat.js",
                "markdown.js",
                "audit.js",
                "page.js",
                "tokens.js",
                "server.js")) {
            String text = resource(file).replace("{say:{page}.title}", "");
            boolean isPage = file.endsWith(".html");
            Pattern pattern = isPage ? Pattern.compile("\\{say:([\\w.]+)}") : Pattern.compile("\"([a-z]+[.][\\w.]*)\"");
            pattern.matcher(text)
                    .results()
                    .map(match -> match.group(1))
                    .forEach(word -> (word.endsWith(".") ? beginnings : used).add(word));
        }
        for (String page : List.of("dashboard", "inspector", "chat", "audit")) {
            used.add(page + ".title");
        }
        assertThat(beginnings).containsExactly("breaker.", "breaker.short.", "error.", "reason.", "slot.", "stage.");
        Set<String> there = words("en").keySet();
        assertThat(there).containsAll(used);
        assertThat(there)
                .allSatisfy(word -> assertThat(
                                used.contains(word) || beginnings.stream().anyMatch(word::startsWith))
                        .as(word)
                        .isTrue());
    }

    @Test
    void pagesComeInTheLanguageThatABrowserPrefersOrThatIsNamed() {
        assertThat(server.get("/ui/chat").raw().body()).contains("<html lang=\"en\">", "Write a message");
        for (String preferred : List.of("ja", "ja-JP,en;q=0.5", "fr,ja;q=0.8,en;q=0.2")) {
            Answer answer = server.get("/ui/chat", "Accept-Language", preferred);
            assertThat(answer.raw().body()).contains("<html lang=\"ja\">", "メッセージを入力");
            assertThat(answer.raw().headers().firstValue("Content-Language")).contains("ja");
            assertThat(answer.raw().headers().firstValue("Vary")).contains("Accept-Language");
        }
        for (String other : List.of("en-GB,ja;q=0.5", "fr", "*", ";;q=x", "")) {
            assertThat(server.get("/ui/chat", "Accept-Language", other).raw().body())
                    .as(other)
                    .contains("<html lang=\"en\">");
        }
        assertThat(server.get("/ui/chat?lang=en", "Accept-Language", "ja").raw().body())
                .contains("<html lang=\"en\">", "<a href=\"audit?lang=en\">", "href=\"chat?lang=ja\" lang=\"ja\"");
        assertThat(server.get("/ui/chat?lang=ja").raw().body())
                .contains("<html lang=\"ja\">", "<a href=\"audit?lang=ja\">", "<a href=\"chat?lang=ja\" aria-current");
        assertThat(server.get("/ui/chat?lang=xx").raw().body()).contains("<html lang=\"en\">", "<a href=\"audit\">");
    }

    @Test
    void nothingFromElsewhereAndNoScriptWithinAPageIsAllowed() {
        for (String path : List.of("/ui/dashboard", "/ui/page.js", "/ui/pages.css", "/ui/depths.css")) {
            Answer answer = server.get(path);
            String policy =
                    answer.raw().headers().firstValue("Content-Security-Policy").orElseThrow();
            assertThat(policy)
                    .contains("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'")
                    .contains("require-trusted-types-for 'script'")
                    .doesNotContain("unsafe", "*", "http", "data:");
            assertThat(answer.raw().headers().firstValue("X-Content-Type-Options"))
                    .contains("nosniff");
            assertThat(answer.raw().headers().firstValue("Referrer-Policy")).contains("no-referrer");
        }
    }

    /// The document is the same on every server, so it may be read without a key.
    @Test
    void theDocumentationComesFromHereAndNeedsNoKey() {
        assertThat(server.get("/docs").raw().headers().firstValue("Location")).contains("docs/");
        Answer page = server.get("/docs/");
        assertThat(page.raw().headers().firstValue("Content-Type")).contains("text/html; charset=utf-8");
        assertThat(page.raw().headers().firstValue("Content-Security-Policy").orElseThrow())
                .startsWith("default-src 'none'; script-src 'self'; style-src 'self'");
        List<String> parts = Pattern.compile("(?:src|href)=\"([^\"]+)\"")
                .matcher(page.raw().body())
                .results()
                .map(match -> match.group(1))
                .toList();
        assertThat(parts)
                .hasSize(5)
                .allSatisfy(part -> assertThat(server.get(part.startsWith("../") ? part.substring(2) : "/docs/" + part)
                                .status())
                        .as(part)
                        .isEqualTo(200));
        assertThat(server.get("/openapi.json").status()).isEqualTo(200);
    }

    @Test
    void theShortPathsLeadToTheDashboard() {
        assertThat(server.get("/ui").status()).isEqualTo(307);
        assertThat(server.get("/ui").raw().headers().firstValue("Location")).contains("ui/dashboard");
        assertThat(server.get("/ui/").raw().headers().firstValue("Location")).contains("dashboard");
    }

    @Test
    void thePagesHoldNoDataAndOpenNoOtherPath() {
        server.get("/v1/models").isError(401, "authentication_error", "key");
        server.get("/metrics").isError(401, "authentication_error", "key");
        server.post("/inspect", "{\"prompt\":\"a\"}").isError(401, "authentication_error", "key");
        server.get("/uix").isError(401, "authentication_error", "key");
    }

    /// Sent as it stands, for a client would tidy it up.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "/ui/../v1/models",
                "/ui/..%2fv1%2fmodels",
                "/ui/%2e%2e/v1/models",
                "/ui/dashboard/../../v1/models",
                "/ui//etc/passwd",
                "/ui/..%5c..%5cetc%5cpasswd",
                "/ui/dashboard.html%00",
                "/ui/../api/openapi.json",
                "/docs/../v1/models",
                "/docs/..%2fv1%2fmodels",
                "/docs/swagger-ui.css/../../v1/models",
                "/docs//etc/passwd",
                "/docs/swagger-ui.js"
            })
    void noPathLeadsToAnythingElse(String path) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream()
                    .write(("GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            BufferedReader answer =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            assertThat(answer.readLine()).containsAnyOf(" 400 ", " 401 ", " 404 ");
            int length = 0;
            for (String line = answer.readLine(); line != null && !line.isEmpty(); line = answer.readLine()) {
                if (line.startsWith("Content-Length: ")) {
                    length = Integer.parseInt(line.substring("Content-Length: ".length()));
                }
            }
            char[] body = new char[length];
            assertThat(answer.read(body)).isEqualTo(length);
            assertThat(new String(body)).startsWith("{\"error\"").doesNotContain("root:", "max_model_len");
        }
    }

    /// The library as published on npm: uplot 1.6.32, folder dist.
    @Test
    void theVendoredLibraryIsAsItWasPublished() throws IOException, NoSuchAlgorithmException {
        Map<String, String> published = Map.of(
                "uPlot.esm.js", "5dd9b3281aa64b461b42d9945f6adb2649d346502b12281a9ae0d46599a80eba",
                "uPlot.min.css", "df630c6a8d6f8eeaff264b50f73ce5b114f646ffd9a0bb74f049b0a00135fa04",
                "uPlot.LICENSE.txt", "8f989229699b4fe2f1a0432d0e9edc338a8a911e250e2d1b01ecd770a5f5b1bd");
        for (Map.Entry<String, String> file : published.entrySet()) {
            byte[] digest = MessageDigest.getInstance("SHA-256")
                    .digest(shared(file.getKey()).getBytes(StandardCharsets.UTF_8));
            assertThat(HexFormat.of().formatHex(digest)).as(file.getKey()).isEqualTo(file.getValue());
        }
        assertThat(shared("uPlot.esm.js")).contains("(v1.6.32)");
    }

    @Test
    void thePaletteIsThatOfTheReports() {
        assertThat(server.get("/ui/depths.css").raw().body()).isEqualTo(DepthPalette.styleSheet(3));
    }

    @Test
    void wordsAndLinesAreReadableOnLightAndDarkPages() throws IOException {
        String css = shared("pages.css");
        int dark = css.indexOf("@media screen and (prefers-color-scheme: dark)");
        assertReadable(css.substring(0, dark));
        assertReadable(css.substring(dark, css.indexOf("* {")));
    }

    private static void assertReadable(String css) {
        Map<String, double[]> colours = new HashMap<>();
        Matcher matcher = COLOUR.matcher(css);
        while (matcher.find()) {
            int rgb = Integer.parseInt(matcher.group(2), 16);
            colours.put(matcher.group(1), new double[] {rgb >> 16, (rgb >> 8) & 0xFF, rgb & 0xFF});
        }
        for (String ground : List.of("paper", "card")) {
            for (String ink : List.of("ink", "soft", "focus", "warn")) {
                assertThat(contrast(colours, ink, ground))
                        .as("%s on %s", ink, ground)
                        .isGreaterThanOrEqualTo(4.5);
            }
        }
        for (String line : List.of("s0", "s1", "s2", "s3", "s4")) {
            assertThat(contrast(colours, line, "paper")).as(line).isGreaterThanOrEqualTo(3);
        }
    }

    private static double contrast(Map<String, double[]> colours, String one, String other) {
        double first = DepthPalette.luminance(Objects.requireNonNull(colours.get(one), one));
        double second = DepthPalette.luminance(Objects.requireNonNull(colours.get(other), other));
        return DepthPalette.contrast(Math.max(first, second), Math.min(first, second));
    }
}
