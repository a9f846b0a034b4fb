package dev.saiki.server.protocol;

import dev.saiki.http.Json;
import dev.saiki.server.generation.GenerationRecorder.Outcome;
import dev.saiki.server.generation.Usage;
import dev.saiki.server.metrics.RequestClock;
import java.time.Duration;
import java.util.Arrays;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The JSON of usage and timings.
public final class UsageJson {

    private UsageJson() {}

    /// The usage in the format of chat and text completions.
    public static ObjectNode of(Usage usage) {
        ObjectNode json = Json.object();
        json.put("prompt_tokens", usage.promptTokens());
        json.put("completion_tokens", usage.completionTokens());
        json.put("total_tokens", usage.promptTokens() + usage.completionTokens());
        json.putObject("prompt_tokens_details").put("cached_tokens", usage.cachedTokens());
        json.putObject("completion_tokens_details").put("reasoning_tokens", 0);
        json.set("recursions", recursions(usage));
        return json;
    }

    /// The timings in llama.cpp's format: the prompt from the arrival of the request to the first token, including
    /// the wait in the queue, and the generated tokens after that.
    public static ObjectNode timings(Outcome outcome) {
        Usage usage = outcome.usage();
        RequestClock.Times times = outcome.times();
        ObjectNode timings = Json.object();
        timings.put("cache_n", usage.cachedTokens());
        put(timings, "prompt", usage.promptTokens() - usage.cachedTokens(), times.firstToken());
        put(timings, "predicted", usage.completionTokens(), times.whole().minus(times.firstToken()));
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

    /// The usage by recursion depth.
    public static ObjectNode recursions(Usage usage) {
        ObjectNode recursions = Json.object();
        long[] tokensAtDepth = usage.tokensAtDepth();
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
        recursions.put("flops", usage.flops());
        recursions.put("flops_saved", usage.flopsSaved());
        recursions.put("overruled_tokens", usage.overruled());
        recursions.put("shed_level", usage.shedLevel());
        return recursions;
    }
}
