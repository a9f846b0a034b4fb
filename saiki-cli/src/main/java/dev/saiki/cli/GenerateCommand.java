package dev.saiki.cli;

import dev.saiki.engine.SamplingSettings;
import dev.saiki.eval.GenerateOptions;
import dev.saiki.eval.GeneratedToken;
import dev.saiki.eval.Generation;
import dev.saiki.eval.Generator;
import dev.saiki.io.InputException;
import dev.saiki.model.Precision;
import dev.saiki.model.routing.RoutingRequest;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// `saiki generate`: continues a text.
@Command(name = "generate", description = "Continue a text, one token at a time, with causal routing.")
final class GenerateCommand implements Callable<Integer> {

    /// Tokens written unless another number is asked for or the context ends before.
    private static final int USUAL_TOKENS = 128;

    private final Console console;

    @Option(names = "--model", paramLabel = "DIR", required = true, description = "A checkpoint folder.")
    private Path model = Path.of("");

    @Option(
            names = "--prompt",
            paramLabel = "TEXT",
            required = true,
            description = "The text to continue; an empty one starts a new document.")
    private String prompt = "";

    @Option(
            names = "--max-tokens",
            paramLabel = "N",
            description = "Tokens to write at most (default: " + USUAL_TOKENS + ", or what the context has room for).")
    private @Nullable Integer maxTokens;

    @Option(
            names = "--temperature",
            paramLabel = "T",
            defaultValue = "0.8",
            description = "0 always takes the likeliest token, 1 is the model's own distribution (default: 0.8).")
    private double temperature;

    @Option(
            names = "--top-k",
            paramLabel = "K",
            defaultValue = "0",
            description = "Draw from the K likeliest tokens only; 0 draws from all (default: 0).")
    private int topK;

    @Option(
            names = "--top-p",
            paramLabel = "P",
            defaultValue = "1",
            description = "Draw from the likeliest tokens that make up P of the probability (default: 1).")
    private double topP;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "The same seed gives the same text (default: 0).")
    private long seed;

    @Option(
            names = "--effort",
            paramLabel = "E",
            description = "Compute dial of expert_threshold routing, in (0, 1] (default: the model's).")
    private double effort = Double.NaN;

    @Option(names = "--show-depth", description = "Show the recursions that were spent on each token.")
    private boolean showDepth;

    @Option(names = "--json", description = "Print one JSON object and nothing else.")
    private boolean json;

    GenerateCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        SamplingSettings sampling = new SamplingSettings(temperature, topK, topP, 0);
        if (maxTokens != null && maxTokens < 1) {
            throw new InputException("--max-tokens must be at least 1, got " + maxTokens);
        }
        try (LoadedModel loaded = LoadedModel.open(model, Precision.FLOAT32)) {
            loaded.requireEffort(effort);
            Generator generator = new Generator(
                    loaded.scorer()::next, loaded.tokenizer(), loaded.config().maxPositionEmbeddings());
            GenerateOptions options = new GenerateOptions(
                    tokensToWrite(generator),
                    sampling,
                    seed,
                    RoutingRequest.UNBOUNDED,
                    Double.isNaN(effort) ? OptionalDouble.empty() : OptionalDouble.of(effort));
            if (json) {
                printJson(generator.generate(prompt, options, token -> {}));
            } else {
                print(generator, options, loaded.config().numRecursions());
            }
        }
        return ExitCode.DONE;
    }

    /// The number of tokens to write; checked before the prompt is echoed.
    private int tokensToWrite(Generator generator) {
        int room = generator.room(prompt);
        int wanted = maxTokens == null ? Math.max(1, Math.min(USUAL_TOKENS, room)) : maxTokens;
        if (wanted > room) {
            throw new InputException("--max-tokens must be at most " + Math.max(0, room)
                    + " after this prompt (the context of the model ends there), got " + wanted);
        }
        return wanted;
    }

    private void print(Generator generator, GenerateOptions options, int deepest) {
        PrintStream out = console.out();
        DepthText depths = new DepthText(console.outHasColour());
        out.print(prompt);
        out.flush();
        Consumer<GeneratedToken> write = token -> {
            out.print(showDepth ? depths.token(token.text(), token.depth()) : token.text());
            out.flush();
        };
        Generation generation = generator.generate(prompt, options, write);
        out.println();
        if (showDepth) {
            out.printf(Locale.ROOT, "%n%s, mean %.3f%n", depths.legend(deepest), generation.meanDepth());
        }
    }

    private void printJson(Generation generation) {
        ObjectNode result = Json.object();
        result.put("prompt", prompt);
        result.put("text", generation.text());
        result.put("prompt_tokens", generation.promptTokens());
        result.put("stop", generation.stop().name().toLowerCase(Locale.ROOT));
        Json.put(result, "mean_depth", generation.meanDepth());
        ArrayNode tokens = result.putArray("tokens");
        for (GeneratedToken token : generation.tokens()) {
            ObjectNode entry = tokens.addObject();
            entry.put("position", token.position());
            entry.put("id", token.id());
            entry.put("text", token.text());
            Json.put(entry, "logprob", token.logprob());
            entry.put("depth", token.depth());
        }
        console.out().println(Json.document(result));
    }
}
