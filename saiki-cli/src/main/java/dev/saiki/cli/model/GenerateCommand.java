package dev.saiki.cli.model;

import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.Token;
import dev.saiki.engine.TokenStream;
import dev.saiki.engine.sampling.SamplingSettings;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.engine.sampling.Utf8Decoder;
import dev.saiki.eval.RecordJson;
import dev.saiki.io.InputException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.LongSummaryStatistics;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `saiki generate`: continues a text.
@Command(name = "generate")
public final class GenerateCommand extends JsonCommand {

    /// The default maximum length of the generated text in tokens, if the context has room.
    private static final int USUAL_TOKENS = 128;

    @Mixin
    private ModelOption model = new ModelOption();

    @Mixin
    private AdapterOption adapter = new AdapterOption();

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            description = "The text to continue; an empty text starts a new document (default: \"" + BuiltInModel.PROMPT
                    + "\" for the built-in model, an empty text for others).")
    private @Nullable String chosenPrompt;

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            description = "Maximum number of tokens to generate (default: " + USUAL_TOKENS
                    + ", or the rest of the context if that is less).")
    private @Nullable Integer maxTokens;

    @Option(names = "--stop", paramLabel = "TEXT")
    private List<String> stop = new ArrayList<>();

    @Mixin
    private WritingOptions writing = new WritingOptions();

    @Mixin
    private EngineFlags engineChoice = new EngineFlags();

    @Option(names = "--show-depth")
    private boolean showDepth;

    @Override
    protected void run() {
        SamplingSettings sampling = writing.sampling();
        if (maxTokens != null && maxTokens < 1) {
            throw new InputException("--max-tokens must be at least 1, got " + maxTokens);
        }
        try (Engine engine = Engine.open(adapter.open(model.folder(console)), engineChoice.options())) {
            if (chosenPrompt == null && model.isBuiltIn() && writing.isRouteOpen() && !json) {
                showDepth |= console.outHasColour();
                for (BuiltInModel.Sample sample : BuiltInModel.SAMPLES) {
                    note(sample.heading());
                    write(sample.prompt(), engine, sample.asked(request(sample.prompt(), engine, sampling)));
                }
            } else {
                String prompt = prompt();
                write(prompt, engine, request(prompt, engine, sampling));
            }
        }
    }

    private GenerationRequest.Builder request(String prompt, Engine engine, SamplingSettings sampling) {
        int[] ids = engine.tokenizer().encodePromptWithSpecials(prompt);
        return GenerationRequest.builder(ids, tokensToWrite(engine, ids.length))
                .sampling(sampling)
                .seed(writing.seed())
                .ending(StopConditions.builder().texts(stop).build())
                .wholeUtf8(writing.wholeUtf8())
                .route(writing.route());
    }

    private void write(String prompt, Engine engine, GenerationRequest.Builder builder) {
        GenerationRequest request = builder.build();
        if (json) {
            try (TokenStream stream = engine.submit(request)) {
                printJson(prompt, stream);
            }
        } else {
            print(prompt, engine, request);
        }
    }

    private String prompt() {
        if (chosenPrompt != null) {
            return chosenPrompt;
        }
        return model.isBuiltIn() ? BuiltInModel.PROMPT : "";
    }

    /// The maximum number of tokens to generate, checked before the prompt is echoed.
    private int tokensToWrite(Engine engine, int promptTokens) {
        int room = engine.config().maxPositionEmbeddings() - promptTokens;
        if (room < 1) {
            throw new InputException("--prompt has " + promptTokens + " tokens, which fill the context of the model ("
                    + engine.config().maxPositionEmbeddings() + "); shorten it");
        }
        int wanted = maxTokens == null ? Math.min(USUAL_TOKENS, room) : maxTokens;
        if (wanted > room) {
            throw new InputException("--max-tokens must be at most " + room
                    + ", the room that the prompt leaves in the model's context, got " + wanted);
        }
        return wanted;
    }

    private void print(String prompt, Engine engine, GenerationRequest request) {
        PrintStream out = console.out();
        DepthHighlighter depths = new DepthHighlighter(console.outHasColour());
        out.print(showDepth ? marked(prompt, engine, request, depths) : prompt);
        out.flush();
        LongSummaryStatistics taken = new LongSummaryStatistics();
        try (TokenStream stream = engine.submit(request)) {
            for (Token token : stream) {
                out.print(showDepth ? depths.token(token.text(), token.depth()) : token.text());
                out.flush();
                taken.accept(token.depth());
            }
            out.println(requireDone(stream.finish()).text());
        }
        if (showDepth) {
            double mean = taken.getCount() == 0 ? Double.NaN : taken.getAverage();
            out.print(NumberFormats.text(
                    "%n%s, mean %.3f%n", depths.legend(engine.config().numRecursions()), mean));
        }
    }

    /// The prompt with the depth of each token marked, without the leading space that some tokenizers add.
    private static String marked(
            String prompt, Engine engine, GenerationRequest request, DepthHighlighter highlighter) {
        int[] ids = request.prompt();
        int[] depths = engine.score(ids, request.route()).join().depths();
        Utf8Decoder characters = new Utf8Decoder();
        StringBuilder marked = new StringBuilder();
        for (int i = 0; i < ids.length; i++) {
            if (engine.tokenizer().isText(ids[i])) {
                String text = characters.take(engine.tokenizer().tokenBytes(ids[i]));
                boolean isAdded = marked.isEmpty() && text.startsWith(" ") && !prompt.startsWith(" ");
                marked.append(highlighter.token(isAdded ? text.substring(1) : text, depths[i]));
            }
        }
        return marked.toString();
    }

    private static GenerationResult requireDone(GenerationResult finish) {
        finish.failure().ifPresent(failure -> {
            throw new IllegalStateException("the engine failed", failure);
        });
        return finish;
    }

    private void printJson(String prompt, TokenStream stream) {
        ObjectNode result = JsonOutput.object();
        StringBuilder text = new StringBuilder();
        LongSummaryStatistics taken = new LongSummaryStatistics();
        List<Token> written = new ArrayList<>();
        for (Token token : stream) {
            text.append(token.text());
            taken.accept(token.depth());
            written.add(token);
        }
        GenerationResult finish = requireDone(stream.finish());
        result.put("prompt", prompt);
        result.put("text", text.append(finish.text()).toString());
        result.put("prompt_tokens", finish.promptTokens());
        result.put("stop", finish.reason().name().toLowerCase(Locale.ROOT));
        RecordJson.put(result, "mean_depth", written.isEmpty() ? Double.NaN : taken.getAverage());
        ArrayNode tokens = result.putArray("tokens");
        for (Token token : written) {
            ObjectNode entry = tokens.addObject();
            entry.put("position", token.position());
            entry.put("id", token.id());
            entry.put("text", token.text());
            RecordJson.put(entry, "logprob", token.logprob());
            entry.put("depth", token.depth());
        }
        println(JsonOutput.document(result));
    }
}
