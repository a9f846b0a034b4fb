package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.testkit.Chromium;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// A browser with a server's pages, for tests that use the pages as people do. Pictures are written to
/// `target/pages`, for people to look at.
abstract class OpenPages {

    static final int NARROW = 390;
    static final int WIDE = 1440;
    static final int HEIGHT = 900;
    static final int TAB = 9;
    static final int ENTER = 13;
    static final int SPACE = 32;
    static final int RIGHT = 39;
    static final int CTRL = 2;
    static final int SHIFT = 8;

    Chromium browser;
    TestServer server;
    Path folder;

    @BeforeAll
    void start(@TempDir Path temporary) throws IOException {
        folder = temporary;
        server = serve(folder);
        browser = Chromium.start(folder.resolve("profile"));
    }

    @AfterAll
    void stop() {
        browser.close();
        server.close();
    }

    /// Starts the server of the pages.
    abstract TestServer serve(Path in);

    static URI page(TestServer of, String name) {
        return URI.create("http://127.0.0.1:" + of.port() + "/ui/" + name);
    }

    /// Whether a page says so; one that gives way to the next page while it is asked says nothing.
    boolean isTrue(String condition) {
        try {
            return browser.evaluate(condition).asBoolean();
        } catch (IllegalStateException leaving) {
            if (String.valueOf(leaving.getMessage()).contains("navigated or closed")) {
                return false;
            }
            throw leaving;
        }
    }

    void open(String name, int width, boolean dark) throws InterruptedException {
        browser.open(page(server, name), width, HEIGHT, dark);
        await("document.getElementById('model').textContent !== ''");
    }

    /// Waits until a condition holds on the page.
    void await(String condition) throws InterruptedException {
        for (int tries = 0; tries < 600; tries++) {
            if (isTrue(condition)) {
                return;
            }
            Thread.sleep(25);
        }
        throw new AssertionError(condition + " did not come true on a page that says: "
                + browser.evaluate("document.body.innerText") + " " + browser.problems());
    }

    String text(String selector) {
        return browser.evaluate("document.querySelector(" + quoted(selector) + ").innerText")
                .asString();
    }

    double number(String expression) {
        return browser.evaluate(expression).asDouble();
    }

    static String quoted(String text) {
        return "`" + text.replace("\\", "\\\\").replace("`", "\\`").replace("$", "\\$") + "`";
    }

    void click(String selector) {
        JsonNode place = browser.evaluate("(() => { const one = document.querySelector(" + quoted(selector)
                + "); one.scrollIntoView({block: 'center'}); const box = one.getBoundingClientRect();"
                + " return [box.left + Math.min(box.width, 40) / 2, box.top + Math.min(box.height, 24) / 2]; })()");
        browser.click(place.get(0).asDouble(), place.get(1).asDouble());
    }

    void fill(String selector, String text) {
        browser.evaluate("document.querySelector(" + quoted(selector) + ").select(), 1");
        browser.evaluate("document.querySelector(" + quoted(selector) + ").focus(), 1");
        browser.type(text);
    }

    void inspect(String text, int written) throws InterruptedException {
        fill("#prompt", text);
        fill("#written", Integer.toString(written));
        click("#inspect");
        await("!document.getElementById('result').hidden && document.getElementById('working').textContent === ''");
    }

    void picture(String name) throws IOException {
        browser.picture(Path.of("target", "pages", name + ".png"));
    }

    /// The accessibility problems of the open page, as found by axe-core.
    JsonNode violations() throws IOException {
        try (InputStream axe =
                Objects.requireNonNull(OpenPages.class.getResourceAsStream("/axe.min.js"), "axe.min.js")) {
            browser.evaluate(new String(axe.readAllBytes(), StandardCharsets.UTF_8) + "; 1");
        }
        return browser.evaluate("axe.run(document, { resultTypes: ['violations'] }).then((seen) => seen.violations"
                + ".flatMap((one) => one.nodes.map((node) => one.id + ' ' + node.target.join(' ') + ': '"
                + " + node.failureSummary)))");
    }

    /// Fails if there was an error, or a request to anything but the server.
    void assertQuiet() {
        assertThat(browser.problems()).isEmpty();
        assertThat(browser.events("Network.requestWillBeSent"))
                .extracting(request -> request.path("request").path("url").asString())
                .isNotEmpty()
                // A picture that stands in a style sheet is asked of nobody.
                .filteredOn(url -> !url.startsWith("data:"))
                .allMatch(url -> url.startsWith("http://127.0.0.1:" + server.port() + "/"));
    }
}
