package dev.saiki.benchmarks;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.TokenStream;
import dev.saiki.engine.settings.EngineOptions;
import java.nio.file.Path;
import java.util.Random;
import java.util.stream.DoubleStream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A benchmark of the prefix cache: milliseconds to the first token without it, on a miss, and on a hit of all but the
/// last prompt token.
///
/// Prompts are random tokens; the three take turns. Prints one JSON line each.
public final class PrefixCacheSpeed {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int WARM_UP = 15;
    private static final int ROUNDS = 31;
    private static final double NANOS = 1e6;

    private PrefixCacheSpeed() {}

    /// Measures.
    ///
    /// @param arguments a checkpoint folder and the tokens of a prompt
    public static void main(String[] arguments) {
        if (arguments.length != 2) {
            System.err.println("usage: PrefixCacheSpeed MODEL PROMPT_TOKENS");
            System.exit(2);
        }
        CheckpointDirectory model = CheckpointDirectory.open(Path.of(arguments[0]));
        int promptTokens = Integer.parseInt(arguments[1]);
        double[][] milliseconds = new double[3][ROUNDS];
        Random random = new Random(1);
        try (Engine cached = Engine.withoutText(model, EngineOptions.DEFAULT);
                Engine uncached = Engine.withoutText(
                        model, EngineOptions.builder().prefixCache(false).build())) {
            for (int round = -WARM_UP; round < ROUNDS; round++) {
                int[] prompt =
                        random.ints(promptTokens, 0, model.config().vocabSize()).toArray();
                // Full of older texts, as it is after a while, but for those that begin with the same token.
                prompt[0] = round + WARM_UP;
                double[] times = {
                    untilFirstToken(uncached, prompt, 0),
                    untilFirstToken(cached, prompt, 0),
                    untilFirstToken(cached, prompt, promptTokens - 1)
                };
                for (int kind = 0; kind < times.length && round >= 0; kind++) {
                    milliseconds[kind][round] = times[kind];
                }
            }
        }
        String[] kinds = {"cache off", "nothing found", "all but the last token found"};
        for (int kind = 0; kind < kinds.length; kind++) {
            System.out.println(line(kinds[kind], promptTokens, milliseconds[kind]));
        }
    }

    private static double untilFirstToken(Engine engine, int[] prompt, int cachedTokens) {
        long start = System.nanoTime();
        try (TokenStream stream = engine.submit(GenerationRequest.greedy(prompt, 1))) {
            stream.iterator().next();
            double milliseconds = (System.nanoTime() - start) / NANOS;
            if (stream.finish().cachedTokens() != cachedTokens) {
                throw new IllegalStateException("expected " + cachedTokens + " cached tokens: " + stream.finish());
            }
            return milliseconds;
        }
    }

    private static ObjectNode line(String kind, int promptTokens, double[] milliseconds) {
        double[] sorted = DoubleStream.of(milliseconds).sorted().toArray();
        ObjectNode line = JSON.createObjectNode();
        line.put("prefix", kind);
        line.put("prompt_tokens", promptTokens);
        line.put("first_token_ms", sorted[sorted.length / 2]);
        line.put("least", sorted[0]);
        line.put("most", sorted[sorted.length - 1]);
        return line;
    }
}
