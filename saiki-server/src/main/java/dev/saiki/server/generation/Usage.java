package dev.saiki.server.generation;

import dev.saiki.checkpoint.accounting.SequenceCost;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.engine.FinishReason;
import dev.saiki.engine.GenerationResult;
import dev.saiki.server.audit.Spending;
import java.util.Arrays;

/// The cost of the answers to one request.
///
/// Tokens are counted as OpenAI counts them, a prompt once for all its answers. Depths are those of all tokens
/// that answers rest on, prompts and cached tokens included; FLOPs are those of the tokens that were computed,
/// cached ones left out ({@link SequenceCost}), and what they would have been more if each token had taken all
/// recursions.
public final class Usage {

    private final ModelConfig config;
    private final int shedLevel;
    private final long[] tokensAtDepth;
    private long promptTokens;
    private long cachedTokens;
    private long completionTokens;
    private long flops;
    private long flopsSaved;
    private long overruled;

    /// Counts nothing yet.
    ///
    /// @param config of the model
    /// @param shedLevel how much depth was taken from the request since many wait
    public Usage(ModelConfig config, int shedLevel) {
        this.config = config;
        this.shedLevel = shedLevel;
        this.tokensAtDepth = new long[config.numRecursions()];
    }

    /// Counts an answer.
    ///
    /// @param call the request
    /// @param index which of the answers
    /// @param finish how it ended
    public void add(GenerationCall call, int index, GenerationResult finish) {
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
        // What ends a text is predicted like a token, but written only where the prompt is reported too.
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

    /// What the tokens behind the cached ones cost.
    private long cost(int[] depths, int cached, int deepest, int predictions) {
        long all = SequenceCost.of(config, depths, deepest, predictions).flops();
        return all
                - SequenceCost.of(config, Arrays.copyOf(depths, cached), deepest, 0)
                        .flops();
    }

    /// For monitoring.
    public Spending toSpending(int answers) {
        return new Spending(
                promptTokens,
                cachedTokens,
                completionTokens,
                answers,
                Arrays.stream(tokensAtDepth).boxed().toList(),
                flops,
                flopsSaved);
    }

    /// Tokens that took the reference depth whatever the router said.
    public long overruled() {
        return overruled;
    }

    /// Tokens of the prompts, each prompt once.
    public long promptTokens() {
        return promptTokens;
    }

    /// Those of them that were not computed.
    public long cachedTokens() {
        return cachedTokens;
    }

    /// Tokens that were written.
    public long completionTokens() {
        return completionTokens;
    }

    /// Tokens by depth, from 1.
    public long[] tokensAtDepth() {
        return tokensAtDepth.clone();
    }

    /// Arithmetic that was done.
    public long flops() {
        return flops;
    }

    /// What would have been done more if each token had taken all recursions.
    public long flopsSaved() {
        return flopsSaved;
    }

    /// How much depth was taken from the request since many wait.
    public int shedLevel() {
        return shedLevel;
    }
}
