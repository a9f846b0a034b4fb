package dev.saiki.server.generation;

import dev.saiki.checkpoint.accounting.SequenceCost;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.engine.Finish;
import dev.saiki.engine.FinishReason;
import dev.saiki.server.audit.Spending;
import dev.saiki.server.http.Json;
import dev.saiki.server.metrics.RequestClock;
import java.time.Duration;
import java.util.Arrays;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// What the answers to one request cost.
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
    /// @param ask the request
    /// @param index which of the answers
    /// @param finish how it ended
    public void add(Ask ask, int index, Finish finish) {
        if (index % ask.choices() == 0) {
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
        boolean drewEnd = !ask.reportsPrompt()
                && (finish.reason() == FinishReason.END_OF_TEXT || finish.reason() == FinishReason.STOP_TOKEN);
        int predictions = finish.tokens() + (drewEnd ? 1 : 0) + (ask.reportsPrompt() ? finish.promptTokens() - 1 : 0);
        int deepest = ask.settings().route().bounds().deepest(config.numRecursions());
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

    /// Tokens that took all recursions whatever the router said.
    public long overruled() {
        return overruled;
    }

    /// In the words of chat and text completions.
    public ObjectNode toJson() {
        ObjectNode usage = Json.object();
        usage.put("prompt_tokens", promptTokens);
        usage.put("completion_tokens", completionTokens);
        usage.put("total_tokens", promptTokens + completionTokens);
        usage.putObject("prompt_tokens_details").put("cached_tokens", cachedTokens);
        usage.putObject("completion_tokens_details").put("reasoning_tokens", 0);
        usage.set("recursions", recursions());
        return usage;
    }

    /// How long it took, in llama.cpp's words: the prompts from the request's coming to the first token, what waited in
    /// the queue included, and what was written from there.
    ///
    /// @param times of the request
    public ObjectNode timings(RequestClock.Times times) {
        ObjectNode timings = Json.object();
        timings.put("cache_n", cachedTokens);
        put(timings, "prompt", promptTokens - cachedTokens, times.firstToken());
        put(timings, "predicted", completionTokens, times.whole().minus(times.firstToken()));
        return timings;
    }

    private static void put(ObjectNode timings, String what, long tokens, Duration time) {
        double millis = time.toNanos() / 1e6;
        timings.put(what + "_n", tokens);
        timings.put(what + "_ms", millis);
        putIfFinite(timings, what + "_per_token_ms", millis / tokens);
        putIfFinite(timings, what + "_per_second", 1e3 * tokens / millis);
    }

    private static void putIfFinite(ObjectNode timings, String name, double value) {
        if (Double.isFinite(value)) {
            timings.put(name, value);
        } else {
            timings.putNull(name);
        }
    }

    /// What depth had to do with it.
    public ObjectNode recursions() {
        ObjectNode recursions = Json.object();
        long tokens = Arrays.stream(tokensAtDepth).sum();
        long sum = 0;
        for (int depth = 1; depth <= tokensAtDepth.length; depth++) {
            sum += depth * tokensAtDepth[depth - 1];
        }
        recursions.put("sum", sum);
        if (tokens == 0) {
            recursions.putNull("mean");
        } else {
            recursions.put("mean", (double) sum / tokens);
        }
        ArrayNode histogram = recursions.putArray("histogram");
        Arrays.stream(tokensAtDepth).forEach(histogram::add);
        recursions.put("flops", flops);
        recursions.put("flops_saved", flopsSaved);
        recursions.put("overruled_tokens", overruled);
        recursions.put("shed_level", shedLevel);
        return recursions;
    }
}
