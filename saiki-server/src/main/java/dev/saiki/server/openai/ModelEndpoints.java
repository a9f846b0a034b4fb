package dev.saiki.server.openai;

import dev.saiki.checkpoint.accounting.Accounting;
import dev.saiki.checkpoint.adapter.AdapterDirectory;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.http.Json;
import dev.saiki.server.access.Metering;
import dev.saiki.server.access.Request;
import dev.saiki.server.access.Route;
import dev.saiki.server.deployment.ModelDeployment;
import dev.saiki.server.deployment.ServedModels;
import dev.saiki.server.settings.RequestLimits;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The list of models in OpenAI's form, with the fields that Anthropic's clients expect.
public record ModelEndpoints(ServedModels models) {

    private static final String PATH = "/v1/models";

    /// The routes.
    public List<Route> routes() {
        return List.of(
                new Route("GET", PATH, Metering.NONE, this::list),
                new Route("GET", PATH + "/{model}", Metering.NONE, ModelEndpoints::describe));
    }

    private void list(Request request) {
        ObjectNode body = Json.object().put("object", "list");
        ArrayNode data = body.putArray("data");
        models.all().forEach(model -> data.add(model(model.current())));
        body.put("first_id", models.names().getFirst());
        body.put("last_id", models.names().getLast()).put("has_more", false);
        request.exchange().send(200, Json.CONTENT_TYPE, Json.bytes(body));
    }

    private static void describe(Request request) {
        String name = request.path().substring(PATH.length() + 1);
        ModelDeployment model = request.forModel(Optional.of(name)).deployment();
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
        model.host().ifPresent(host -> entry.put("parent", host.name()));
        entry.put("max_model_len", config.maxPositionEmbeddings());
        entry.put("max_inspect_len", Math.min(RequestLimits.INSPECTED_TOKENS, config.maxPositionEmbeddings()));
        ObjectNode meta = entry.putObject("meta");
        meta.put("n_vocab", config.vocabSize());
        meta.put("n_ctx_train", config.maxPositionEmbeddings());
        meta.put("n_embd", config.hiddenSize());
        meta.put("n_params", accounting.totalParameters());
        meta.put("size", model.engine().weightBytes());
        model.engine()
                .adapter()
                .map(AdapterDirectory::config)
                .ifPresent(adapter -> meta.putObject("adapter")
                        .put("rank", adapter.rank())
                        .put("alpha", adapter.alpha())
                        .put("num_maps", adapter.maps().size()));
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
