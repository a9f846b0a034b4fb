package dev.saiki.cli.evaluation;

import dev.saiki.chat.GenerationSettings;
import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.cli.model.AdapterOption;
import dev.saiki.cli.model.EngineFlags;
import dev.saiki.cli.model.LoadedModel;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.cli.terminal.ProgressLines;
import dev.saiki.cli.terminal.ResultCommand;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.eval.RecordJson;
import dev.saiki.eval.chat.ChatMeasurement;
import dev.saiki.eval.chat.ChatMeter;
import dev.saiki.eval.chat.WrittenAnswer;
import dev.saiki.io.InputException;
import dev.saiki.text.corpus.ChatExample;
import dev.saiki.text.dataset.AnsweredConversation;
import java.io.IOException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `saiki eval chat`: how well a model answers in conversations that it was not trained on.
@Command(name = "chat")
public final class EvalChatCommand extends ResultCommand {

    @Option(names = "--model", paramLabel = "DIR", required = true)
    private Path model = Path.of("");

    @Mixin
    private AdapterOption adapter = new AdapterOption();

    @Option(names = "--conversations", paramLabel = "PATH", required = true)
    private Path path = Path.of("");

    @Option(names = "--against", paramLabel = "DIR")
    private @Nullable Path against;

    @Mixin
    private FormatOption format = new FormatOption();

    @Option(names = "--samples", paramLabel = "N")
    private int samples = 3;

    @Option(names = "--max-tokens", paramLabel = "N")
    private int maxTokens = 256;

    @Option(names = "--effort", paramLabel = "E")
    private @Nullable Double effort;

    @Mixin
    private EngineFlags engineChoice = new EngineFlags();

    @Override
    protected void run() throws IOException {
        if (maxTokens < 1 || samples < 0) {
            throw new InputException(
                    "--max-tokens must be at least 1 and --samples at least 0, got " + maxTokens + " and " + samples);
        }
        Optional<Predicate<String>> wanted = format.format();
        List<ChatSides.Named> models = new ArrayList<>();
        models.add(new ChatSides.Named(adapter.nameOf(model), adapter.open(model)));
        if (effort != null) {
            LoadedModel.requireEffort(effort, models.getFirst().checkpoint().config());
        }
        if (against != null) {
            models.add(new ChatSides.Named(against.toString(), CheckpointDirectory.open(against)));
        }
        ChatSides sides = ChatSides.open(models, path);
        sides.notes().forEach(this::note);
        List<Integer> shown = shown(sides.conversations().size());
        List<Measured> measured = new ArrayList<>();
        for (ChatSides.Side side : sides.sides()) {
            measured.add(measure(side, measured.isEmpty(), wanted.isPresent(), shown));
        }
        print(report(sides, measured, wanted, shown));
    }

    /// Chooses evenly spaced conversations.
    private List<Integer> shown(int conversations) {
        int most = Math.min(samples, conversations);
        return IntStream.range(0, most)
                .map(i -> i * conversations / most)
                .boxed()
                .toList();
    }

    /// The evaluation of a model, and samples of its answers.
    ///
    /// @param measurement the measurement of all conversations
    /// @param samples the model's answers to the conversations shown
    private record Measured(ChatMeasurement measurement, List<WrittenAnswer> samples) {}

    /// Evaluates a model. Without a required format, only the answers to be shown are generated.
    private Measured measure(ChatSides.Side side, boolean isFirst, boolean hasFormat, List<Integer> shown) {
        RouteSettings route = new GenerationSettings(isFirst ? effort : null, null, null, null).route();
        List<AnsweredConversation> conversations = side.conversations();
        try (Engine engine = Engine.open(side.checkpoint(), engineChoice.options())) {
            ChatMeter meter = new ChatMeter(engine, side.encoder(), route, progressOf(side.name()));
            if (hasFormat) {
                List<List<WrittenAnswer>> written = meter.write(conversations, maxTokens);
                return new Measured(
                        new ChatMeasurement(meter.losses(conversations), written),
                        shown.stream().map(i -> written.get(i).getFirst()).toList());
            }
            return new Measured(
                    new ChatMeasurement(meter.losses(conversations), List.of()),
                    meter.write(shown.stream().map(conversations::get).toList(), maxTokens).stream()
                            .map(List::getFirst)
                            .toList());
        }
    }

    private ChatMeter.Listener progressOf(String name) {
        ProgressLines progress = new ProgressLines(console.err(), InstantSource.system());
        return new ChatMeter.Listener() {
            @Override
            public void onScored(int answers, int total) {
                progress.update(name, answers, total, "answers scored");
            }

            @Override
            public void onWritten(int answers, int total) {
                progress.update(name, answers, total, "answers generated");
            }
        };
    }

    private static ChatReport report(
            ChatSides sides, List<Measured> measured, Optional<Predicate<String>> format, List<Integer> shown) {
        Measured own = measured.getFirst();
        Optional<Measured> other = measured.stream().skip(1).findFirst();
        List<ChatReport.Sample> samples = new ArrayList<>();
        for (int i = 0; i < shown.size(); i++) {
            int number = i;
            ChatExample example = sides.conversations().get(shown.get(i)).example();
            samples.add(new ChatReport.Sample(
                    example.where(),
                    said(example, -1),
                    said(example, 0),
                    own.samples().get(i).text(),
                    other.map(model -> model.samples().get(number).text())));
        }
        return new ChatReport(
                sides.conversations().size(),
                sides.conversations().stream()
                        .mapToInt(conversation -> conversation.answers().size())
                        .sum(),
                sides.leftOut(),
                sides.sides().getFirst().name(),
                own.measurement().summary(format),
                other.map(model -> new ChatReport.Other(
                        sides.sides().getLast().name(),
                        model.measurement().summary(format),
                        own.measurement().less(model.measurement(), format))),
                samples);
    }

    /// The content of the message at an offset from the first answer.
    private static String said(ChatExample example, int distance) {
        return example.messages()
                .path(example.answers().getFirst() + distance)
                .path("content")
                .asString("");
    }

    private void print(ChatReport report) throws IOException {
        publish(JsonOutput.document(RecordJson.MAPPER.valueToTree(report)), () -> report.print(console.out()));
    }
}
