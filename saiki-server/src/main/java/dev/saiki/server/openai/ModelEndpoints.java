package dev.saiki.server.openai;

import dev.saiki.checkpoint.accounting.Accounting;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.server.access.Metering;
import dev.saiki.server.access.Request;
import dev.saiki.server.access.Route;
import dev.saiki.server.deployment.ModelDeployment;
import dev.saiki.server.http.Json;
import dev.saiki.server.settings.RequestLimits;
import java.util.List;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The one model there is, as OpenAI lists models, with what Anthropic's clients look for beside it.
public final class ModelEndpoints {

    private static final String PATH = "/v1/models";

    private ModelEndpoints() {}

    /// The routes.
    public static List<Route> routes() {
        return List.of(
                new Route("GET", PATH, Metering.NONE, ModelEndpoints::list),
                new Route("GET", PATH + "/{model}", Metering.NONE, ModelEndpoints::describe));
    }

    private static void list(Request request) {
        ObjectNode body = Json.object().put("object", "list");
        body.putArray("data").add(model(request.deployment()));
        String name = request.deployment().name();
        body.put("first_id", name).put("last_id", name).put("has_more", false);
        request.exchange().send(200, Json.CONTENT_TYPE, Json.bytes(body));
    }

    private static void describe(Request request) {
        ModelDeployment model = request.deployment();
        model.requireName(request.exchange().path().substring(PATH.length() + 1));
        request.exchange().send(200, Json.CONTENT_TYPE, Json.bytes(model(model)));
    }

    private static ObjectNode model(ModelDeployment model) {
        ModelConfig config = model.engine().config();
        Accounting accounting = Accounting.of(config);
        ObjectNode entry = Json.object();
        entry.put("id", model.name());
        entry.put("object", "model");
        entry.put("created", model.since().getEpochSecond());
        entry.put("type", "model");
        entry.put("display_name", model.name());
        entry.put("created_at", model.since().toString());
        entry.put("owned_by", "saiki");
        entry.put("max_model_len", config.maxPositionEmbeddings());
        entry.put("max_inspect_len", Math.min(RequestLimits.INSPECTED_TOKENS, config.maxPositionEmbeddings()));
        ObjectNode meta = entry.putObject("meta");
        meta.put("n_vocab", config.vocabSize());
        meta.put("n_ctx_train", config.maxPositionEmbeddings());
        meta.put("n_embd", config.hiddenSize());
        meta.put("n_params", accounting.totalParameters());
        meta.put("size", model.engine().weightBytes());
        meta.put("num_recursions", config.numRecursions());
        meta.put("routing", config.routing().key());
        meta.put("flops_per_token", accounting.forwardFlopsPerToken());
        if (config.routing() instanceof Routing.ExpertThreshold threshold) {
            ArrayNode grid = meta.putArray("effort_grid");
            threshold.effortGrid().forEach(grid::add);
            meta.put("default_effort", threshold.defaultEffort());
        }
        return entry;
    }
}
