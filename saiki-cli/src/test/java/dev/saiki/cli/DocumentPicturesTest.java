package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.cli.model.BuiltInModel;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.server.SaikiServer;
import dev.saiki.server.settings.ServerOptions;
import dev.saiki.testkit.Chromium;
import dev.saiki.testkit.Needs;
import dev.saiki.testkit.Program;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The documents' pictures of web pages with the built-in model; `scripts/pictures.sh` copies them from
/// `target/pictures`.
@Tag("browser")
@Needs(Program.CHROMIUM)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DocumentPicturesTest {

    private static final int WIDTH = 1200;
    private static final int WIDTH_OF_CHARTS = 1400;
    private static final int HEIGHT = 800;
    private static final int REQUESTS = 48;
    private static final String TEXT =
            "The ball is under cup a. Swap a and d. Swap b and c. Swap d and e. Where is the ball? Under cup";
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private Engine engine;
    private SaikiServer server;
    private Chromium browser;

    @BeforeAll
    void start(@TempDir Path folder) throws IOException {
        Path model = BuiltInModel.folderOf(
                Path.of(BuiltInModel.NAME),
                Map.of("XDG_CACHE_HOME", folder.resolve("cache").toString()));
        engine = Engine.open(model, EngineOptions.builder().threads(1).build());
        server = SaikiServer.start(
                engine,
                ServerOptions.builder(BuiltInModel.NAME).at("127.0.0.1", 0).build());
        browser = Chromium.start(folder.resolve("profile"));
    }

    @AfterAll
    void stop() {
        browser.close();
        server.close();
        engine.close();
    }

    private URI at(String path) {
        return URI.create("http://127.0.0.1:" + server.port() + path);
    }

    private void await(String condition) throws InterruptedException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!browser.evaluate(condition).asBoolean()) {
            assertThat(System.nanoTime()).as(condition).isLessThan(end);
            Thread.sleep(Duration.ofMillis(50));
        }
    }

    private void take(String name, String language) throws IOException {
        assertThat(browser.problems()).isEmpty();
        browser.picture(Path.of("target", "pictures", name + (language.equals("en") ? "" : "-" + language) + ".png"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"en", "ja"})
    void theInspectorWithATokenSelected(String language) throws IOException, InterruptedException {
        browser.open(at("/ui/inspector?lang=" + language), WIDTH, HEIGHT, false);
        await("document.getElementById('model').textContent !== ''");
        browser.evaluate("document.getElementById('prompt').value = '" + TEXT + "', 1");
        browser.evaluate("document.getElementById('ask').requestSubmit(), 1");
        await("!document.getElementById('result').hidden");
        browser.evaluate("Array.from(document.querySelectorAll('[id^=token-]')).at(-1).click(), 1");
        browser.evaluate("document.activeElement.blur(), document.getElementById('all').remove(), 1");
        take("inspector", language);
    }

    @Test
    void theDashboardUnderLoad() throws IOException, InterruptedException {
        try (HttpClient client = HttpClient.newHttpClient()) {
            List<CompletableFuture<HttpResponse<String>>> answers = new ArrayList<>();
            for (int request = 0; request < REQUESTS; request++) {
                String body = "{\"prompt\":\"Once upon a time\",\"ignore_eos\":true,\"seed\":" + request
                        + ",\"max_tokens\":" + (60 + 40 * (request % 7)) + "}";
                answers.add(client.sendAsync(
                        HttpRequest.newBuilder(at("/v1/completions"))
                                .header("Content-Type", "application/json")
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString()));
                Thread.sleep(Duration.ofMillis(request % 8 == 7 ? 2500 : 700));
            }
            assertThat(answers).allMatch(answer -> answer.join().statusCode() == 200);
        }
        for (String language : List.of("en", "ja")) {
            browser.open(at("/ui/dashboard?lang=" + language), WIDTH_OF_CHARTS, HEIGHT, false);
            await("document.querySelectorAll('canvas').length === 11");
            browser.evaluate("document.getElementById('pause').click(), document.querySelectorAll('.charts ~ *,"
                    + " figure:nth-child(n + 10), #state').forEach((one) => { one.hidden = true; }),"
                    + " new Promise((drawn) => requestAnimationFrame(() => setTimeout(() => drawn(1), 200)))");
            take("dashboard", language);
        }
    }
}
