package dev.saiki.server.protocol;

import dev.saiki.http.Json;
import dev.saiki.server.audit.Spending;
import dev.saiki.server.generation.GenerationRecorder.Outcome;
import dev.saiki.server.generation.Usage;
import dev.saiki.server.metrics.RequestClock;
import java.time.Duration;
import tools.jackson.databind.node.ObjectNode;

/// The JSON of usage and timings.
public final class UsageJson {

    private UsageJson() {}

    /// The usage in the format of chat and text completions.
    public static ObjectNode of(Usage usage) {
        Spending spent = usage.spending();
        ObjectNode json = Json.object();
        json.put("prompt_tokens", spent.promptTokens());
        json.put("completion_tokens", spent.completionTokens());
        json.put("total_tokens", spent.promptTokens() + spent.completionTokens());
        json.putObject("prompt_tokens_details").put("cached_tokens", spent.cachedTokens());
        json.putObject("completion_tokens_details").put("reasoning_tokens", 0);
        json.set("recursions", recursions(usage));
        return json;
    }

    /// The timings in llama.cpp's format. The prompt's time lasts from the arrival of the request to the first
    /// token, including the wait in the queue; the time of the generated tokens lasts from then to the end.
    public static ObjectNode timings(Outcome outcome) {
        Spending usage = outcome.usage().spending();
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
        timings.put(what + "_per_token_ms", Json.finite(millis / tokens));
        timings.put(what + "_per_second", Json.finite(1e3 * tokens / millis));
    }

    /// The usage by recursion depth.
    public static ObjectNode recursions(Usage usage) {
        Spending spent = usage.spending();
        ObjectNode recursions = Json.object();
        recursions.put("sum", spent.depthSum());
        recursions.put("mean", Json.finite((double) spent.depthSum() / spent.depthTokens()));
        spent.tokensAtDepth().forEach(recursions.putArray("histogram")::add);
        recursions.put("flops", spent.flops());
        recursions.put("flops_saved", spent.flopsSaved());
        recursions.put("overruled_tokens", usage.overruled());
        recursions.put("shed_level", usage.shedLevel());
        return recursions;
    }
}
