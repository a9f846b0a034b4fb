package dev.saiki.server.metrics;

import java.util.Map;

/// The help texts of our metrics in `/metrics`.
final class MetricHelp {

    private static final Map<String, String> WORDS = Map.ofEntries(
            Map.entry("saiki.requests.running", "Answers at work"),
            Map.entry("saiki.requests.waiting", "Answers that wait"),
            Map.entry("saiki.cache.usage.ratio", "Share of the pages for keys and values that answers at work hold"),
            Map.entry("saiki.cache.bytes", "Keys and values of answers at work, as if none shared a page"),
            Map.entry("saiki.cache.pages", "Pages that answers at work hold at a recursion step"),
            Map.entry("saiki.mean.depth", "Mean recursions of all tokens since the model was opened"),
            Map.entry("saiki.preemptions", "Answers that gave their pages back and began again"),
            Map.entry("saiki.engine.flops", "Arithmetic of the kernels"),
            Map.entry("saiki.prefix.tokens.asked", "EncodedPrompt tokens that were looked for in the prefix cache"),
            Map.entry("saiki.prefix.tokens.served", "EncodedPrompt tokens that were found there"),
            Map.entry("saiki.stage.runs", "Runs of a stage"),
            Map.entry("saiki.stage.rows", "Tokens in all runs of a stage"),
            Map.entry("saiki.stage.seconds", "Time in all runs of a stage"),
            Map.entry("saiki.stage.rows.per.run", "Mean tokens of a run of a stage"),
            Map.entry("saiki.stage.fill.ratio", "Mean tokens of a run of a stage, of the most that a run takes"),
            Map.entry("saiki.step.tokens", "Tokens that took a recursion step"),
            Map.entry("saiki.router.state", "1 for the state of the router's circuit breaker, 0 for the others"),
            Map.entry("saiki.router.overruled.keys", "API keys for whose requests the breaker is not closed"),
            Map.entry("saiki.router.reference.depth", "Recursions of a token about which the router is not followed"),
            Map.entry("saiki.router.trips", "How often a problem has opened the breaker"),
            Map.entry("saiki.router.drift", "Half the sum of the differences between depth shares now and in training"),
            Map.entry("saiki.router.confidence", "Mean probability that the router gave to what it decided"),
            Map.entry(
                    "saiki.router.window.tokens",
                    "Tokens of the newest distinct prompts that drift, confidence and shares are about"),
            Map.entry("saiki.router.depth.share", "Share of the newest tokens that the router sent to a depth"),
            Map.entry("saiki.router.expected.share", "Share of tokens at a depth that training leads to expect"),
            Map.entry("saiki.router.overruled.tokens", "Tokens that took the reference depth whatever the router said"),
            Map.entry("saiki.not.finite", "Router scores and sets of logits that were NaN or infinite"),
            Map.entry("saiki.flops.saved.ratio", "Share of the arithmetic that tokens at their depths did not need"),
            Map.entry("saiki.refusals", "Requests that were refused, or failed before their answer began"),
            Map.entry("saiki.limits.shared", "Whether other servers see what keys ask for here: 1 or 0"),
            Map.entry("saiki.clients.gone", "Clients that went away before their answer ended"),
            Map.entry("saiki.prompt.tokens", "Tokens of prompts"),
            Map.entry("saiki.cached.tokens", "Tokens of prompts that were not computed"),
            Map.entry("saiki.generation.tokens", "Tokens written"),
            Map.entry("saiki.flops", "Arithmetic that answers needed"),
            Map.entry("saiki.flops.saved", "Arithmetic that they would have needed more with all recursions"),
            Map.entry("saiki.token.depth", "Tokens of answers and their prompts by depth"),
            Map.entry("saiki.answers", "Answers that ended"),
            Map.entry("saiki.request.queue.time", "Time from a request until the engine began with it"),
            Map.entry("saiki.request.prefill.time", "Time from then to its first token"),
            Map.entry("saiki.request.decode.time", "Time from its first token to the end of its answers"),
            Map.entry("saiki.shed.level", "How much depth new requests lose since many wait; 0 for none"),
            Map.entry("saiki.requests.shed", "Requests that lost depth, by level"),
            Map.entry("saiki.rescored.tokens", "Tokens of answers that were scored again at full depth"),
            Map.entry("saiki.rescored.others", "Tokens in whose place full depth finds another one likeliest"),
            Map.entry(
                    "saiki.rescored.nats",
                    "Log-probability of tokens that full depth finds likelier, or less likely, over that as routed, in nats"),
            Map.entry("saiki.certificate.revoked", "1 if live answers lost more than the effort's certificate allows"),
            Map.entry("saiki.certificate.evidence.log", "Evidence that they do, as a natural logarithm"),
            Map.entry("saiki.reloads", "Checkpoints that were to be loaded while the server ran"),
            Map.entry("saiki.audit.records.stored", "Audit records that have reached the database"),
            Map.entry("saiki.audit.records.dropped", "Audit records that could not be kept"),
            Map.entry("saiki.audit.records.expired", "Audit records that were deleted for their age"),
            Map.entry("saiki.audit.spool.bytes", "Bytes of audit records that wait on disk for the database"),
            Map.entry("saiki.audit.database.up", "1 if the audit database was there when it was last needed"),
            Map.entry("gen_ai.server.time_to_first_token", "Time from a request to its first token"),
            Map.entry("gen_ai.server.time_per_output_token", "Mean time of the tokens behind the first"),
            Map.entry("gen_ai.server.request.duration", "Time from a request to the end of its answer"));

    private MetricHelp() {}

    /// The help text of a series.
    ///
    /// @param name of it
    /// @throws IllegalArgumentException if it has none
    static String of(String name) {
        if (name.startsWith("vllm:")) {
            return "As in vLLM";
        }
        String words = WORDS.get(name);
        if (words == null) {
            throw new IllegalArgumentException("no help text for the series " + name);
        }
        return words;
    }
}
