package dev.saiki.cli.chat;

import dev.saiki.cli.model.AdapterOption;
import dev.saiki.cli.model.DepthHighlighter;
import dev.saiki.cli.model.EngineFlags;
import dev.saiki.cli.model.ModelOption;
import dev.saiki.cli.model.WritingOptions;
import dev.saiki.cli.terminal.ConsoleCommand;
import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.Token;
import dev.saiki.engine.TokenStream;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import dev.saiki.text.chat.ChatEncoder;
import dev.saiki.text.chat.PlainEncoder;
import dev.saiki.text.chat.ThinkingSplitter;
import java.io.IOException;
import java.time.Clock;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `saiki chat`: a conversation in the terminal.
///
/// At a terminal JLine provides line editing; the progress bars need this dependency anyway. Lines from a file or
/// a pipe are read unchanged.
@Command(name = "chat")
public final class ChatCommand extends ConsoleCommand {

    /// The default maximum length of an answer in tokens, if the context has room.
    private static final int USUAL_TOKENS = 256;

    private static final List<String> COMMANDS = List.of("/depth", "/quit", "/reset");

    private static final String WITHOUT_TEMPLATE =
            " The model has no chat template: it continues the text of the conversation, and may not have been"
                    + " trained to answer.";

    private final AtomicReference<@Nullable TokenStream> answering = new AtomicReference<>();

    /// The number of answers so far. Each answer gets a seed of its own, since with one seed a model could repeat
    /// itself.
    private long answers;

    @Mixin
    private ModelOption model = new ModelOption();

    @Mixin
    private AdapterOption adapter = new AdapterOption();

    @Option(names = "--system", paramLabel = "TEXT")
    private @Nullable String system;

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            description = "Maximum number of tokens of an answer (default: " + USUAL_TOKENS
                    + ", or half of the context if that is less).")
    private @Nullable Integer maxTokens;

    @Mixin
    private WritingOptions writing = new WritingOptions();

    @Mixin
    private EngineFlags engineChoice = new EngineFlags();

    @Override
    protected void run() throws IOException {
        writing.sampling();
        try (Engine engine = Engine.open(adapter.open(model.folder(console)), engineChoice.options())) {
            ChatEncoder encoder = ChatEncoder.of(
                    engine.checkpoint().path(), engine.tokenizer(), Clock.system(ZoneId.systemDefault()));
            int longest = longestAnswer(engine);
            note("This is " + model.name() + ", with "
                    + engine.config().maxPositionEmbeddings() + " tokens of context."
                    + (encoder instanceof PlainEncoder ? WITHOUT_TEMPLATE : "")
                    + " /reset starts over, /depth shows or hides depths, /quit ends.");
            try (LineSource lines = lines()) {
                lines.onInterrupt(this::stopAnswer);
                talk(engine, new ChatHistory(encoder, Optional.ofNullable(system)), ending(encoder), longest, lines);
            }
        }
    }

    private LineSource lines() {
        return console.inIsTerminal() && console.outIsTerminal()
                ? TerminalLines.open(COMMANDS)
                : new StreamLines(console.in());
    }

    private int longestAnswer(Engine engine) {
        int context = engine.config().maxPositionEmbeddings();
        int longest = maxTokens == null ? Math.clamp(context / 2, 1, USUAL_TOKENS) : maxTokens;
        if (longest < 1 || longest >= context) {
            throw new InputException("--max-tokens must be from 1 to " + (context - 1)
                    + " (the model's context minus one token for the question), got " + longest);
        }
        return longest;
    }

    private static StopConditions ending(ChatEncoder encoder) {
        StopConditions.Builder ending = StopConditions.builder().tokens(encoder.endsOfTurn());
        encoder.stopText().ifPresent(text -> ending.texts(List.of(text)));
        return ending.build();
    }

    private void talk(Engine engine, ChatHistory history, StopConditions ending, int longest, LineSource lines) {
        boolean showsDepth = console.outHasColour();
        for (Optional<String> line = lines.next(); line.isPresent(); line = lines.next()) {
            String said = line.get().strip();
            if (said.equals("/quit")) {
                return;
            } else if (said.equals("/reset")) {
                history.clear();
                note("conversation cleared");
            } else if (said.equals("/depth")) {
                showsDepth = !showsDepth;
                String legend = new DepthHighlighter(console.outHasColour())
                        .legend(engine.config().numRecursions());
                note(showsDepth ? legend : "depths are hidden");
            } else if (said.matches("/[a-z]+")) {
                note("unknown command " + said + Suggestions.hint(said, COMMANDS));
            } else if (!said.isEmpty()) {
                answer(engine, history, ending, longest, said, showsDepth);
            }
        }
    }

    private void answer(
            Engine engine, ChatHistory history, StopConditions ending, int longest, String said, boolean showsDepth) {
        int room = engine.config().maxPositionEmbeddings() - longest;
        Optional<ChatHistory.Prompt> prompt = history.ask(said, room);
        if (prompt.isEmpty()) {
            note("the message is too long: it may have about " + room
                    + " tokens, since " + longest
                    + " are reserved for the answer; shorten it, or restart with a smaller --max-tokens");
            return;
        }
        if (prompt.get().dropped() > 0) {
            note("the context is full: the oldest " + prompt.get().dropped() + " turns are dropped");
        }
        GenerationRequest request = GenerationRequest.builder(prompt.get().ids(), longest)
                .sampling(writing.sampling())
                .seed(writing.seed() + answers++)
                .ending(ending)
                .wholeUtf8(writing.wholeUtf8())
                .route(writing.route())
                .build();
        try (TokenStream stream = engine.submit(request)) {
            answering.set(stream);
            history.answered(print(stream, printer(engine, history, prompt.get(), showsDepth)));
        } finally {
            answering.set(null);
        }
    }

    private AnswerPrinter printer(Engine engine, ChatHistory history, ChatHistory.Prompt prompt, boolean showsDepth) {
        Optional<ThinkingSplitter> thoughts = history.knowsThinking(engine.tokenizer())
                ? Optional.of(new ThinkingSplitter(prompt.beginsThoughts()))
                : Optional.empty();
        return new AnswerPrinter(console.out(), console.outHasColour(), showsDepth, thoughts);
    }

    /// Prints an answer as it is generated.
    ///
    /// @return the text without the thoughts
    private static String print(TokenStream stream, AnswerPrinter printer) {
        for (Token token : stream) {
            printer.take(token);
        }
        GenerationResult finish = stream.finish();
        finish.failure().ifPresent(failure -> {
            throw new IllegalStateException("the engine failed", failure);
        });
        return printer.end(finish.text());
    }

    private void stopAnswer() {
        @Nullable TokenStream stream = answering.get();
        if (stream != null) {
            stream.cancel();
        }
    }
}
