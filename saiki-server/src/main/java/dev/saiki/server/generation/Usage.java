package dev.saiki.server.generation;

import dev.saiki.checkpoint.accounting.SequenceCost;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.engine.FinishReason;
import dev.saiki.engine.GenerationResult;
import dev.saiki.server.audit.Spending;
import java.util.Arrays;

/// The cost of the answers to one request.
///
/// Tokens are counted as in OpenAI's API: a prompt once for all its answers. Depths cover all tokens in the
/// answers' contexts, including prompts and cached tokens. FLOPs cover only the computed tokens, without cached
/// ones ({@link SequenceCost}). Saved FLOPs are the additional FLOPs if each token had taken all recursions.
public final class Usage {

    private final ModelConfig config;
    private final GenerationCall call;
    private final long[] tokensAtDepth;
    private long promptTokens;
    private long cachedTokens;
    private long completionTokens;
    private long flops;
    private long flopsSaved;
    private long overruled;

    /// Starts at zero.
    ///
    /// @param config the configuration of the model
    /// @param call the request
    public Usage(ModelConfig config, GenerationCall call) {
        this.config = config;
        this.call = call;
        this.tokensAtDepth = new long[config.numRecursions()];
    }

    /// Adds an answer.
    ///
    /// @param index the index of the answer
    /// @param finish how the answer ended
    public void add(int index, GenerationResult finish) {
        if (index % call.choices() == 0) {
            promptTokens += finish.promptTokens();
            cachedTokens += finish.cachedTokens();
        }
        completionTokens += finish.tokens();
        overruled += finish.overruled();
        int[] depths = finish.depths();
        for (int depth : depths) {
            tokensAtDepth[depth - 1]++;
        }
        // The token that ends a text is a prediction too, but it is among the answer's tokens only if the prompt
        // is reported.
        boolean drewEnd = !call.reportsPrompt()
                && (finish.reason() == FinishReason.END_OF_TEXT || finish.reason() == FinishReason.STOP_TOKEN);
        int predictions = finish.tokens() + (drewEnd ? 1 : 0) + (call.reportsPrompt() ? finish.promptTokens() - 1 : 0);
        int deepest = call.settings().route().bounds().deepest(config.numRecursions());
        int[] full = new int[depths.length];
        Arrays.fill(full, config.numRecursions());
        int cached = Math.min(finish.cachedTokens(), depths.length);
        long spent = cost(depths, cached, deepest, predictions);
        flops += spent;
        flopsSaved += cost(full, cached, config.numRecursions(), predictions) - spent;
    }

    /// The cost of the tokens after the cached ones.
    private long cost(int[] depths, int cached, int deepest, int predictions) {
        long all = SequenceCost.of(config, depths, deepest, predictions).flops();
        return all
                - SequenceCost.of(config, Arrays.copyOf(depths, cached), deepest, 0)
                        .flops();
    }

    /// The cost so far.
    public Spending spending() {
        return new Spending(
                promptTokens,
                cachedTokens,
                completionTokens,
                call.answers(),
                Arrays.stream(tokensAtDepth).boxed().toList(),
                flops,
                flopsSaved);
    }

    /// The number of tokens that took the reference depth instead of the router's depth.
    public long overruled() {
        return overruled;
    }

    /// The level of load shedding of the request.
    public int shedLevel() {
        return call.shedLevel();
    }
}
