package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.chat.AnswerRequest;
import dev.saiki.chat.ChatRequests;
import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.engine.Engine;
import dev.saiki.engine.TokenStream;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.text.chat.ChatRole;
import dev.saiki.text.chat.ChatTurn;
import dev.saiki.text.chat.TemplateEncoder;
import dev.saiki.text.chat.TrainingTemplate;
import dev.saiki.text.dataset.AnsweredConversation;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A trained model before and after training on the example conversations.
class EvalChatCommandTest {

    private static final String FORMAT = "^Title: .+\nStory: .+\nThe end\\.$";

    @TempDir
    private static Path folder = Path.of("");

    private static Path base = Path.of("");
    private static Path taught = Path.of("");
    private static Path heldOut = Path.of("");

    @BeforeAll
    static void teach() throws IOException {
        base = TrainedModel.importedTo(folder.resolve("base"));
        taught = folder.resolve("taught");
        new OwnModelRuns(folder)
                .train(
                        "finetune-chat",
                        base,
                        taught,
                        "data.conversations.path=" + examples(StoryChats.TAUGHT),
                        "schedule.steps=40",
                        "batch.sequence_length=512",
                        "optimizer.learning_rate=2.0e-3",
                        "metrics.validate_every=0",
                        "schedule.patience=0");
        try (Stream<String> lines = Files.lines(examples(StoryChats.HELD_OUT))) {
            heldOut = Files.write(
                    folder.resolve("held-out.jsonl"), lines.limit(12).toList());
        }
    }

    private static Path examples(String file) {
        return Path.of("..", "examples", file);
    }

    private static CommandRun run(Object... more) {
        return CommandRun.of(
                Stream.concat(Stream.of("eval", "chat", "--model", taught, "--conversations", heldOut), Stream.of(more))
                        .toArray());
    }

    @Test
    @Timeout(300)
    void aTaughtModelAnswersClearlyBetterThanItsBase() throws IOException {
        Path out = folder.resolve("chat.json");
        CommandRun run = run("--against", base, "--format-pattern", FORMAT, "--samples", 2, "--out", out)
                .succeeds();
        assertThat(run.err())
                .contains("base has no chat template; using the template of " + taught)
                .containsPattern(Pattern.quote(taught + ": ") + "(\\d+)/\\1 answers scored")
                .containsPattern(Pattern.quote(base + ": ") + "(\\d+)/\\1 answers generated");
        assertThat(run.out())
                .contains("in 12 conversations", "loss, nats per token", "keeps the format, %", "difference, paired")
                .contains(
                        "held-out.jsonl:1", "held-out.jsonl:7", "asked:", "expected:", "Title: Mia and the soft bell");
        JsonNode report = JsonMapper.shared().readTree(Files.readString(out));
        assertThat(report.at("/against/difference/loss/high").doubleValue()).isLessThan(-0.5);
        assertThat(report.at("/against/summary/keeps_format/mean").doubleValue())
                .isZero();
        assertThat(report.at("/summary/keeps_format/low").doubleValue()).isGreaterThan(0.3);
        assertThat(report.at("/samples")).hasSize(2);
    }

    @Test
    @Timeout(120)
    void whatIsShownIsWhatAProgramGetsAndBeginsAsTheConversationsDo() throws IOException {
        JsonNode sample = run("--samples", 1, "--max-tokens", 48, "--json")
                .succeeds()
                .json()
                .at("/samples/0");
        assertThat(sample.path("expected").stringValue()).startsWith("Title: ");
        assertThat(sample.path("written").stringValue()).startsWith("Title: ");
        List<ChatTurn> turns = new ArrayList<>();
        for (JsonNode message : JsonMapper.shared()
                .readTree(Files.readAllLines(heldOut).getFirst())
                .path("messages")) {
            ChatRole role = ChatRole.valueOf(message.path("role").stringValue().toUpperCase(Locale.ROOT));
            if (role == ChatRole.ASSISTANT) {
                break;
            }
            turns.add(ChatTurn.of(role, message.path("content").stringValue()));
        }
        try (Engine engine = Engine.open(CheckpointDirectory.open(taught), EngineOptions.DEFAULT)) {
            TokenStream stream = engine.submit(ChatRequests.to(engine)
                    .begin(new AnswerRequest(turns, Optional.empty(), Optional.empty(), OptionalInt.of(48), List.of()))
                    .request()
                    .build());
            StringBuilder served = new StringBuilder();
            stream.forEach(token -> served.append(token.text()));
            assertThat(served.append(stream.finish().text()))
                    .asString()
                    .isEqualTo(sample.path("written").stringValue());
        }
    }

    /// Compares the engine's loss with LibTorch's on the same tokens.
    @Test
    @Timeout(120)
    void theLossIsThatOfTheTokensThatAreLearnt() throws IOException {
        Path one = Files.write(
                folder.resolve("one.jsonl"), List.of(Files.readAllLines(heldOut).getFirst()));
        CheckpointDirectory model = CheckpointDirectory.open(taught);
        Tokenizer tokenizer = Tokenizer.load(model.tokenizer());
        TemplateEncoder encoder =
                new TemplateEncoder(TrainingTemplate.of(model.path(), tokenizer).template(), tokenizer);
        List<TemplateEncoder.Answered> answers =
                AnsweredConversation.read(one, encoder).getFirst().answers();
        assertThat(answers).hasSize(2);
        DoubleSummaryStatistics expected = new DoubleSummaryStatistics();
        for (TemplateEncoder.Answered answered : answers) {
            String ids = IntStream.concat(IntStream.of(answered.prompt()), IntStream.of(answered.answer()))
                    .mapToObj(Integer::toString)
                    .collect(Collectors.joining(","));
            CommandRun.of("eval", "score", "--model", taught, "--ids", ids, "--json")
                    .succeeds()
                    .out()
                    .lines()
                    .skip(answered.prompt().length)
                    .forEach(line -> expected.accept(
                            JsonMapper.shared().readTree(line).path("logprob").doubleValue()));
        }
        JsonNode report = CommandRun.of(
                        "eval", "chat", "--model", taught, "--conversations", one, "--samples", 0, "--json")
                .succeeds()
                .json();
        assertThat(report.at("/summary/loss/mean").doubleValue()).isEqualTo(-expected.getAverage(), within(1e-4));
        assertThat(report.at("/answers").intValue()).isEqualTo(2);
        assertThat(report.at("/summary/keeps_format").isNull()).isTrue();
    }

    @Test
    void aSchemaIsAFormatToo() throws IOException {
        Path schema = Files.writeString(folder.resolve("schema.json"), "{\"type\": \"object\"}");
        JsonNode report = run("--format-schema", schema, "--max-tokens", 8, "--samples", 0, "--json")
                .succeeds()
                .json();
        assertThat(report.at("/summary/keeps_format/mean").doubleValue()).isZero();
        assertThat(report.at("/summary/ends/mean").doubleValue()).isZero();
    }

    @Test
    void wrongUseIsRefusedInOneLine() throws IOException {
        run("--max-tokens", 0).isRefused("--max-tokens must be at least 1");
        run("--format-pattern", "(").isRefused("--format-pattern must be a regular expression, got (");
        run("--format-pattern", "a", "--format-schema", "b").isRefused("cannot be used together");
        run("--effort", "0.5").isRefused("--effort is for models with expert_threshold routing");
        run("--against", Workbench.in(folder).model()).isRefused("the tokenizer must equal that of --model");
        Path wrong = Files.writeString(folder.resolve("wrong.jsonl"), "{\"text\": \"a\"}\n");
        CommandRun.of("eval", "chat", "--model", taught, "--conversations", wrong)
                .isRefused("wrong.jsonl:1", "messages, or prompt and completion");
    }
}
