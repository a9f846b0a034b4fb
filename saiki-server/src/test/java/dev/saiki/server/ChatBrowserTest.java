package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.testkit.Needs;
import dev.saiki.testkit.Program;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/// The chat page in a browser, with a model of 256 tokens of context, as small models have.
@Tag("browser")
@Needs(Program.CHROMIUM)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ChatBrowserTest extends OpenPages {

    /// Records the page's chat requests, and keeps answers from ending by themselves, since a model with random
    /// weights ends them at random.
    private static final String WATCH_REQUESTS = """
            window.sent = [];
            window.fetch = ((real) => (url, options) => {
              if (!String(url).endsWith("/v1/chat/completions")) return real(url, options);
              const body = JSON.parse(options.body);
              window.sent.push(body);
              return real(url, { ...options, body: JSON.stringify({ ...body, ignore_eos: true }) });
            })(window.fetch), 1""";

    @Override
    TestServer serve(Path in) {
        return TestServer.in(
                in, TestServer.CONTEXT, EngineOptions.builder().threads(1).build(), options -> options);
    }

    private void openFresh(int width) throws InterruptedException {
        open("chat?lang=en", width, false);
        browser.evaluate("localStorage.clear(), 1");
        open("chat?lang=en", width, false);
        browser.evaluate(WATCH_REQUESTS);
    }

    private void set(String id, String value) {
        browser.evaluate("(() => { const one = document.getElementById('" + id + "'); one.value = " + quoted(value)
                + "; one.dispatchEvent(new Event('change', { bubbles: true })); return 1; })()");
    }

    private int answers() {
        return (int) number("document.querySelectorAll('article.assistant .cost').length");
    }

    private void send(String message) throws InterruptedException {
        int before = answers();
        fill("#message", message);
        browser.press("Enter", ENTER);
        await("document.querySelectorAll('article.assistant .cost').length === " + (before + 1));
    }

    private JsonNode sent() {
        return browser.evaluate("window.sent.at(-1)");
    }

    private void act(String article, String name) {
        browser.evaluate("Array.from(document.querySelectorAll(" + quoted(article)
                + ")).at(-1).querySelectorAll('.actions button').forEach((one) => one.textContent === '" + name
                + "' && one.click()), 1");
    }

    @Test
    void tenTurnsGoOnWhereOnlyTwoHaveRoom() throws InterruptedException, IOException {
        openFresh(NARROW);
        for (int turn = 1; turn <= 10; turn++) {
            send("turn " + turn + ": the whale");
            assertThat(browser.evaluate("document.getElementById('problem').hidden")
                            .asBoolean())
                    .as("%s", browser.evaluate("document.getElementById('problem').textContent"))
                    .isTrue();
        }
        assertThat(answers()).isEqualTo(10);
        assertThat(text(".left-out")).contains("are no longer sent", "256 tokens");
        assertThat(browser.evaluate("window.sent.map((one) => one.messages[0].role)"))
                .allSatisfy(role -> assertThat(role.asString()).isEqualTo("user"));
        assertThat(sent().get("messages").size()).isBetween(1, 17);
        assertThat(browser.evaluate("window.sent.map((one) => one.max_tokens)"))
                .allSatisfy(most -> assertThat(most.asInt()).isBetween(32, 128));
        assertThat(text("#talk")).contains("Cut off: the context of 256 tokens is full.");
        assertThat(violations()).isEmpty();
        picture("chat-ten-turns");
        assertQuiet();
    }

    @Test
    void enterSendsAndShiftEnterOrAnInputMethodDoesNot() throws InterruptedException {
        openFresh(WIDE);
        set("max-tokens", "4");
        fill("#message", "one");
        browser.press("Enter", ENTER, SHIFT);
        browser.evaluate("['isComposing'].forEach((name) => document.getElementById('message').dispatchEvent("
                + "new KeyboardEvent('keydown', { key: 'Enter', [name]: true, bubbles: true, cancelable: true }))), 1");
        assertThat(number("window.sent.length + document.querySelectorAll('article').length"))
                .isZero();
        browser.evaluate("document.getElementById('message').value = 'one\\ntwo', 1");
        browser.press("Enter", ENTER);
        await("document.querySelectorAll('article.assistant .cost').length === 1");
        assertThat(text("article.user .text")).isEqualTo("one\ntwo");
        assertThat(browser.evaluate("document.activeElement.id").asString()).isEqualTo("message");
        assertThat(text("article.assistant")).startsWith("tiny").contains("Cut off at the limit of 4 tokens.");
        // Screen readers announce the same text, not that the answer is complete.
        assertThat(text("#working")).isEqualTo("Cut off at the limit of 4 tokens.");
    }

    @Test
    void settingsAreSentAndKeptAndFoldedAwayOnAPhone() throws InterruptedException {
        openFresh(NARROW);
        assertThat(browser.evaluate("['history', 'settings'].map((id) => document.getElementById(id).open).join()")
                        .asString())
                .isEqualTo("false,false");
        openFresh(WIDE);
        set("system", "Speak of whales.");
        set("seed", "7");
        set("top-p", "0.9");
        set("temperature", "0.5");
        set("stops", "###\nEND");
        set("max-depth", "2");
        set("max-tokens", "6");
        send("the sea");
        JsonNode request = sent();
        assertThat(request.get("messages").get(0).get("content").asString()).isEqualTo("Speak of whales.");
        assertThat(request.get("messages").get(0).get("role").asString()).isEqualTo("system");
        assertThat(request.get("seed").asInt()).isEqualTo(7);
        assertThat(request.get("top_p").asDouble()).isEqualTo(0.9);
        assertThat(request.get("temperature").asDouble()).isEqualTo(0.5);
        assertThat(request.get("stop")).extracting(JsonNode::asString).isEqualTo(List.of("###", "END"));
        assertThat(request.get("max_depth").asInt()).isEqualTo(2);
        assertThat(request.get("max_tokens").asInt()).isEqualTo(6);
        assertThat(number("document.querySelectorAll('article.assistant .text .d3').length"))
                .isZero();
        assertThat(number("document.querySelectorAll('article.assistant .text span[class]').length"))
                .isPositive();
        assertThat(text(".cost")).contains("6 tokens").containsPattern("mean depth [12]\\.\\d\\d of 3");
        open("chat?lang=en", WIDE, false);
        assertThat(browser.evaluate("document.getElementById('system').value").asString())
                .isEqualTo("Speak of whales.");
    }

    @Test
    void aQuestionIsEditedAndAnAnswerMadeAgain() throws InterruptedException {
        openFresh(WIDE);
        set("max-tokens", "8");
        send("the whale");
        send("the sea");
        assertThat(sent().get("messages").size()).isEqualTo(3);
        act("article.assistant", "Regenerate");
        await("window.sent.length === 3 && document.querySelectorAll('article.assistant .cost').length === 2");
        assertThat(sent().get("messages").size()).isEqualTo(3);
        act("article.user", "Edit");
        await("document.querySelector('article.user textarea') !== null");
        browser.evaluate("document.querySelector('article.user textarea').value = 'the ship', 1");
        act("article.user", "Send");
        await("window.sent.length === 4 && document.querySelectorAll('article.assistant .cost').length === 2");
        assertThat(sent().get("messages").get(2).get("content").asString()).isEqualTo("the ship");
        browser.evaluate("navigator.clipboard.writeText = async (text) => { window.copied = text; }, 1");
        act("article.user", "Copy");
        await("window.copied === 'the ship'");
    }

    @Test
    void conversationsAreKeptInTheBrowserUntilTheyAreErased() throws InterruptedException {
        openFresh(WIDE);
        set("max-tokens", "4");
        send("the first one");
        click("#new");
        send("the second one");
        open("chat?lang=en", WIDE, false);
        assertThat(text("#chats")).contains("the first one", "the second one");
        assertThat(number("document.querySelectorAll('article').length")).isZero();
        browser.evaluate("document.querySelectorAll('#chats button')[2].click(), 1");
        assertThat(text("article.user .text")).isEqualTo("the first one");
        assertThat(number("document.querySelectorAll('article.assistant .text span[class]').length"))
                .isPositive();
        browser.evaluate("document.querySelectorAll('#chats button')[3].click(), 1");
        assertThat(text("#chats")).contains("the second one").doesNotContain("the first one");
        click("#erase");
        assertThat(text("#erase")).isEqualTo("Really erase all?");
        click("#erase");
        assertThat(number("localStorage.length + document.querySelectorAll('#chats li').length"))
                .isZero();
        assertQuiet();
    }

    @Test
    void whatIsRefusedIsSaidBesideTheButtonAndCanBeSentAgain() throws InterruptedException {
        openFresh(WIDE);
        set("max-tokens", "5");
        fill("#message", "x".repeat(400));
        browser.press("Enter", ENTER);
        await("!document.querySelector('#ask #problem').hidden");
        assertThat(text("#problem")).contains("The message has 4", "context holds 256");
        assertThat(number("document.querySelectorAll('article').length")).isZero();
        assertThat(browser.evaluate("document.getElementById('message').value").asString())
                .hasSize(400);
        set("temperature", "-1");
        fill("#message", "the whale");
        click("#send");
        await("document.getElementById('problem').textContent.includes('temperature')");
        assertThat(number("window.sent.length")).isEqualTo(1);
        set("temperature", "0.8");
        click("#send");
        await("document.querySelector('.cost') !== null");
        assertThat(browser.evaluate("document.getElementById('problem').hidden").asBoolean())
                .isTrue();
        assertThat(text("article.user .text")).isEqualTo("the whale");
    }

    @Test
    void stoppingAnAnswerStopsTheEngineToo(@TempDir Path other) throws InterruptedException {
        try (TestServer slow =
                TestServer.in(other, 16_384, EngineOptions.builder().threads(1).build(), options -> options)) {
            browser.open(page(slow, "chat?lang=en"), WIDE, HEIGHT, false);
            await("document.getElementById('model').textContent !== ''");
            browser.evaluate(WATCH_REQUESTS);
            set("max-tokens", "16000");
            set("temperature", "0");
            fill("#message", "the whale");
            browser.press("Enter", ENTER);
            await("document.querySelectorAll('article.assistant .text span').length > 3");
            browser.evaluate("document.getElementById('stop').click(), 1");
            await("document.querySelector('.ended')?.textContent === 'Stopped.'");
            TestServer.await(() -> slow.engine().sequences().isEmpty());
            assertThat(slow.engine().statistics().tokensWritten()).isBetween(1L, 15_999L);
        }
    }

    @Test
    void markdownBecomesElementsAndNothingElse() throws InterruptedException {
        openFresh(WIDE);
        String markdown = """
                # Head

                **bold** <img src=x onerror="document.title='broken'"> [bad](javascript:alert(1)) [good](https://example.com/)
                ![picture](https://example.com/x.png)

                - one
                - `two`

                | a | b |
                | - | - |
                | 1 | 2 |

                ```
                code <b>
                ```
                """;
        JsonNode made = browser.evaluate(
                "import('/ui/markdown.js').then(({ MarkdownView }) => {"
                        + " const text = " + quoted(markdown)
                        + "; const pieces = text.match(/[^]{1,3}/g).map((one, index) => [one, 1 + index % 3]);"
                        + " const whole = document.createElement('div'); new MarkdownView(whole).show(pieces);"
                        + " const grown = document.createElement('div'); const view = new MarkdownView(grown);"
                        + " pieces.forEach((_, index) => view.show(pieces.slice(0, index + 1)));"
                        + " return { same: grown.outerHTML === whole.outerHTML, text: whole.textContent,"
                        + "   names: Array.from(whole.querySelectorAll('*'), (one) => one.localName),"
                        + "   links: Array.from(whole.querySelectorAll('a'), (one) => one.href),"
                        + "   depths: Array.from(whole.querySelectorAll('h3 span'), (one) => one.textContent + one.className) }; })");
        assertThat(made.get("same").asBoolean()).isTrue();
        assertThat(made.get("text").asString())
                .contains("<img src=x onerror", "code <b>")
                .doesNotContain("**", "```");
        assertThat(made.get("names"))
                .extracting(JsonNode::asString)
                .contains("h3", "strong", "ul", "li", "code", "pre", "table", "td", "a")
                .doesNotContain("img", "script", "b");
        assertThat(made.get("links"))
                .extracting(JsonNode::asString)
                .isEqualTo(List.of("https://example.com/", "https://example.com/x.png"));
        assertThat(made.get("depths")).extracting(JsonNode::asString).isEqualTo(List.of("Hd1", "eadd2"));
        assertThat(browser.evaluate("document.title").asString()).doesNotContain("broken");
        assertQuiet();
    }

    @Test
    void ofSeveralModelsOneIsChosen() throws InterruptedException {
        openFresh(WIDE);
        assertThat(browser.evaluate("document.getElementById('model-field').hidden")
                        .asBoolean())
                .isTrue();
        browser.evaluate(
                "import('/ui/page.js').then(async ({ chooseModel }) => {"
                        + " const { data: [one] } = await (await fetch('/v1/models')).json();"
                        + " chooseModel([one, { ...one, id: 'other' }], (model) => { window.chosen = model.id; }); return 1; })");
        assertThat(browser.evaluate("document.getElementById('model-field').hidden")
                        .asBoolean())
                .isFalse();
        set("model-choice", "other");
        assertThat(browser.evaluate("window.chosen").asString()).isEqualTo("other");
    }
}
