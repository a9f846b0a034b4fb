package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.chat.ChatFormat;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.server.settings.ModelChoice;
import dev.saiki.testkit.Needs;
import dev.saiki.testkit.Program;
import dev.saiki.testkit.RandomCheckpoint;
import dev.saiki.testkit.TinyModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/// The dashboard of a server with two models shows one at a time, with its own requests, rates and router.
@Tag("browser")
@Needs(Program.CHROMIUM)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class SeveralModelsBrowserTest extends OpenPages {

    private static final String WRITTEN = "Array.from(document.querySelectorAll('#figures dt'))"
            + ".find((one) => one.textContent === 'Tokens generated')?.nextElementSibling.textContent";

    private final List<Engine> others = new ArrayList<>();

    @Override
    TestServer serve(Path in) {
        ModelConfig routed = TinyModels.ofText(TestServer.TOKENIZER.vocabSize(), TestServer.CONTEXT);
        ModelConfig plain = TinyModels.vanilla().withVocabSize(TestServer.TOKENIZER.vocabSize());
        ModelChoice first = model(in, "plain", plain);
        ModelChoice other = model(in, "routed", routed);
        others.add(other.engine());
        return TestServer.of(List.of(first, other), options -> options);
    }

    private static ModelChoice model(Path in, String name, ModelConfig config) {
        Path model = in.resolve(name);
        try {
            RandomCheckpoint.write(model, config, 1);
            TestServer.TOKENIZER.save(model.resolve("tokenizer.json"));
            Engine engine =
                    Engine.open(model, EngineOptions.builder().threads(1).build());
            return new ModelChoice(name, engine, Optional.of(model), ChatFormat.PLAIN);
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    @AfterAll
    void closeOthers() {
        others.forEach(Engine::close);
    }

    @Test
    void theDashboardShowsTheModelThatIsChosen() throws IOException, InterruptedException {
        server.post(
                        "/v1/completions",
                        "{\"model\":\"routed\",\"prompt\":\"the whale\",\"ignore_eos\":true,\"max_tokens\":16}")
                .succeeds();
        open("dashboard?lang=en", WIDE, false);
        await("document.querySelectorAll('#figures dd').length > 0");
        assertThat(isTrue("document.getElementById('router-part').hidden")).isTrue();
        assertThat(isTrue(WRITTEN + " !== '16'")).isTrue();
        choose("routed");
        await("!document.getElementById('router-part').hidden && " + WRITTEN + " === '16'");
        assertThat(violations()).isEmpty();
        assertQuiet();
    }

    @Test
    void anotherModelStartsAtItsOwnEffort() throws InterruptedException {
        open("chat?lang=en", WIDE, false);
        choose("routed");
        String usual =
                browser.evaluate("document.getElementById('effort').value").asString();
        browser.evaluate(
                "(() => { const dial = document.getElementById('effort'); dial.value = '0.9';"
                        + " dial.dispatchEvent(new Event('input')); dial.dispatchEvent(new Event('change', { bubbles: true })); return 1; })()");
        choose("plain");
        assertThat(isTrue("document.getElementById('effort-field').hidden")).isTrue();
        choose("routed");
        assertThat(browser.evaluate("document.getElementById('effort').value").asString())
                .isEqualTo(usual)
                .isNotEqualTo("0.9");
        assertThat(browser.evaluate("document.getElementById('effort-value').textContent")
                        .asString())
                .startsWith(usual);
        assertQuiet();
    }

    private void choose(String model) {
        browser.evaluate("(() => { const choice = document.getElementById('model-choice'); choice.value = '" + model
                + "'; choice.dispatchEvent(new Event('change', { bubbles: true })); return 1; })()");
    }
}
