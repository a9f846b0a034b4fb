package dev.saiki.server.inspect;

import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.accounting.SequenceCost;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.engine.InspectedToken;
import dev.saiki.engine.InspectedToken.DepthPrediction;
import dev.saiki.engine.sampling.TokenLogprob;
import dev.saiki.engine.sampling.Utf8Decoder;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.engine.settings.RouterDecision;
import dev.saiki.http.Json;
import dev.saiki.server.deployment.ModelDeployment;
import dev.saiki.server.openai.TokenTexts;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.Arrays;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The report of an inspection, as JSON: each token, and totals.
///
/// The costs are those of a pass over the text with one prediction per token. The inspection itself costs more,
/// because it predicts after every recursion.
final class InspectionReport {

    private final ModelDeployment model;
    private final ModelConfig config;
    private final TokenTexts names;
    private final int promptTokens;
    private final int deepest;
    private final List<InspectedToken> routed;
    private final boolean foreseesGain;

    /// @param model the inspected model
    /// @param promptTokens the number of tokens in the prompt; the model generated the rest of the text
    /// @param route the requested bounds on depth
    /// @param routed the inspection at the router's depths
    InspectionReport(ModelDeployment model, int promptTokens, RouteSettings route, List<InspectedToken> routed) {
        this.model = model;
        this.config = model.engine().config();
        this.names = new TokenTexts(model.engine().tokenizer());
        this.promptTokens = promptTokens;
        this.deepest = route.bounds().deepest(config.numRecursions());
        this.routed = List.copyOf(routed);
        this.foreseesGain = model.engine()
                .checkpoint()
                .manifest()
                .filter(Manifest::routerForeseesGain)
                .isPresent();
    }

    /// The report at the router's depths.
    public ObjectNode toJson() {
        return write(routed);
    }

    /// The report with forced depths, compared with the report at the router's depths.
    ///
    /// @param forced the inspection of the same text at the forced depths
    public ObjectNode toJson(List<InspectedToken> forced) {
        ObjectNode body = write(forced);
        body.set("routed_totals", totals(routed));
        double change = 0;
        for (int position = 0; position < forced.size(); position++) {
            ObjectNode entry = (ObjectNode) body.get("tokens").get(position);
            entry.put("routed_depth", routed.get(position).depth());
            double difference =
                    forced.get(position).logprob() - routed.get(position).logprob();
            TokenTexts.put(entry, "logprob_change", difference);
            change += position == 0 ? 0 : difference;
        }
        ((ObjectNode) body.get("totals")).put("logprob_change", change);
        return body;
    }

    private SequenceCost fullDepth(int tokens) {
        int[] full = new int[tokens];
        Arrays.fill(full, config.numRecursions());
        return SequenceCost.of(config, full, config.numRecursions(), tokens);
    }

    private ObjectNode write(List<InspectedToken> tokens) {
        ObjectNode body = Json.object();
        body.put("object", "inspection");
        body.put("model", model.name());
        body.put("routing", config.routing().key());
        body.put("num_recursions", config.numRecursions());
        body.put("prompt_tokens", promptTokens);
        ArrayNode entries = body.putArray("tokens");
        Utf8Decoder characters = new Utf8Decoder();
        int[] depths = depths(tokens);
        SequenceCost before = cost(depths, 0);
        for (InspectedToken token : tokens) {
            ObjectNode entry = entries.addObject();
            putToken(entry, token, characters);
            SequenceCost after = cost(depths, token.position() + 1);
            putCost(entry.putObject("cost"), before, after);
            before = after;
        }
        body.set("totals", totals(tokens));
        return body;
    }

    private void putToken(ObjectNode entry, InspectedToken token, Utf8Decoder characters) {
        Tokenizer tokenizer = model.engine().tokenizer();
        entry.put("position", token.position());
        entry.put("id", token.id());
        entry.put("token", names.name(token.id()));
        entry.put(
                "text",
                characters.take(token.id() < tokenizer.vocabSize() ? tokenizer.tokenBytes(token.id()) : new byte[0]));
        entry.put("written", token.position() >= promptTokens);
        entry.put("depth", token.depth());
        TokenTexts.put(entry, "logprob", token.logprob());
        ArrayNode decisions = entry.putArray("decisions");
        token.decisions().forEach(decision -> putDecision(decisions.addObject(), decision));
        ArrayNode predictions = entry.putArray("predictions");
        token.predictions().forEach(prediction -> putPrediction(predictions.addObject(), prediction));
    }

    private void putDecision(ObjectNode entry, RouterDecision decision) {
        entry.put("step", decision.step());
        entry.put("score", decision.score());
        entry.put("threshold", decision.threshold());
        entry.put("goes_on", decision.continues());
        if (foreseesGain) {
            // The router's logit was fitted to the gain, and the score is the sigmoid of the logit.
            TokenTexts.put(entry, "expected_gain", Math.log(decision.score() / (1 - decision.score())));
        }
    }

    private void putPrediction(ObjectNode entry, DepthPrediction prediction) {
        entry.put("depth", prediction.depth());
        TokenTexts.put(entry, "next_logprob", prediction.nextLogprob());
        ArrayNode likeliest = entry.putArray("likeliest");
        for (TokenLogprob alternative : prediction.likeliest()) {
            ObjectNode token = likeliest.addObject();
            token.put("id", alternative.id());
            token.put("token", names.name(alternative.id()));
            TokenTexts.put(token, "logprob", alternative.logprob());
        }
    }

    private static int[] depths(List<InspectedToken> tokens) {
        return tokens.stream().mapToInt(InspectedToken::depth).toArray();
    }

    /// The cost of the first `count` tokens.
    private SequenceCost cost(int[] depths, int count) {
        return SequenceCost.of(config, Arrays.copyOf(depths, count), deepest, count);
    }

    private long cacheBytes(SequenceCost cost) {
        return cost.cacheBytes(config, model.engine().cacheNumberBytes());
    }

    private void putCost(ObjectNode entry, SequenceCost before, SequenceCost after) {
        entry.put("flops", after.flops() - before.flops());
        entry.put("cache_bytes", cacheBytes(after) - cacheBytes(before));
    }

    private ObjectNode totals(List<InspectedToken> tokens) {
        int[] depths = depths(tokens);
        SequenceCost spent = cost(depths, depths.length);
        SequenceCost most = fullDepth(depths.length);
        ObjectNode totals = Json.object();
        totals.put("tokens", depths.length);
        totals.put("mean_depth", Arrays.stream(depths).average().orElseThrow());
        ArrayNode histogram = totals.putArray("histogram");
        for (int depth = 1; depth <= config.numRecursions(); depth++) {
            int wanted = depth;
            histogram.add(Arrays.stream(depths).filter(taken -> taken == wanted).count());
        }
        totals.put(
                "logprob",
                tokens.stream().skip(1).mapToDouble(InspectedToken::logprob).sum());
        totals.put("flops", spent.flops());
        totals.put("flops_saved", most.flops() - spent.flops());
        totals.put("cache_bytes", cacheBytes(spent));
        totals.put("cache_bytes_saved", cacheBytes(most) - cacheBytes(spent));
        return totals;
    }
}
