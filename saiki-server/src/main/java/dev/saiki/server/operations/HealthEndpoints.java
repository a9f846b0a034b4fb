package dev.saiki.server.operations;

import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.OnePassStatus;
import dev.saiki.checkpoint.provenance.Provenance;
import dev.saiki.checkpoint.provenance.Verification;
import dev.saiki.engine.Engine;
import dev.saiki.engine.RouterHealth;
import dev.saiki.http.Json;
import dev.saiki.server.access.Metering;
import dev.saiki.server.access.Request;
import dev.saiki.server.access.Route;
import dev.saiki.server.deployment.InFlightRequests;
import dev.saiki.server.deployment.ModelDeployment;
import dev.saiki.server.deployment.ServedModels;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.OptionalDouble;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The health of a server, for orchestrators and load balancers: liveness, readiness, load and version.
///
/// @param unreadyFrom the fill level of the queue at which the server starts to report that it is not
///     ready; empty to ignore the queue
public record HealthEndpoints(InFlightRequests inFlight, ServedModels models, OptionalDouble unreadyFrom) {

    private static final String HEALTH = "/health";
    private static final String HEALTH_OF_API = "/v1/health";
    private static final String PING = "/ping";

    /// The commit of this build; null if it was not built in a repository.
    private static final @Nullable String COMMIT = commit();

    private static final int UNAVAILABLE = 503;

    private static final String NOT_ACCEPTING = "the server accepts no requests";
    private static final String WARMING_UP = "the server is warming up";

    private static final String LONG_QUEUE = "the queue is long; another server may answer sooner";

    /// Whether a path needs no key, because orchestrators have none.
    public static boolean isOpen(String path) {
        return path.startsWith(HEALTH) || path.equals(HEALTH_OF_API) || path.equals(PING);
    }

    /// The commit of the build, marked if there were uncommitted changes.
    private static @Nullable String commit() {
        Properties written = new Properties();
        try (@Nullable InputStream input = HealthEndpoints.class.getResourceAsStream("commit.properties")) {
            if (input == null) {
                return null;
            }
            written.load(input);
        } catch (IOException e) {
            throw new UncheckedIOException("commit.properties cannot be read", e);
        }
        @Nullable String commit = written.getProperty("git.commit.id");
        return commit == null || !written.getProperty("git.dirty", "false").equals("true") ? commit : commit + "-dirty";
    }

    /// The routes.
    public List<Route> routes() {
        return List.of(
                new Route("GET", "/health/live", Metering.NONE, request -> answer(request, inFlight.isAlive())),
                new Route("GET", "/health/ready", Metering.NONE, this::ready),
                new Route("GET", HEALTH, Metering.NONE, this::ready),
                new Route("GET", HEALTH_OF_API, Metering.NONE, this::ready),
                new Route("GET", PING, Metering.NONE, this::ready),
                new Route("GET", "/load", Metering.NONE, this::load),
                new Route("GET", "/version", Metering.NONE, HealthEndpoints::version));
    }

    /// Reports readiness, and whether the router is in control; if not, tokens take the reference depth.
    private void ready(Request request) {
        boolean full = unreadyFrom.isPresent() && models.engines().stream().anyMatch(this::isFull);
        boolean well = inFlight.isReady() && !full;
        ObjectNode body = status(well, inFlight.isWarmingUp() ? WARMING_UP : full ? LONG_QUEUE : NOT_ACCEPTING);
        RouterEndpoint.putState(body.putObject("router"), worstRouter());
        request.exchange().send(well ? 200 : UNAVAILABLE, Json.CONTENT_TYPE, Json.bytes(body));
    }

    private boolean isFull(Engine engine) {
        return engine.waiting() >= unreadyFrom.orElseThrow() * engine.options().maxWaiting();
    }

    /// Returns the health of the first overruled router, or else of the first router. The name of its model is
    /// omitted, because only callers with a key may see it.
    private RouterHealth worstRouter() {
        List<RouterHealth> routers = models.all().stream()
                .map(model -> model.monitors().watch().health())
                .toList();
        return routers.stream()
                .filter(router -> router.state() != RouterHealth.State.CLOSED)
                .findFirst()
                .orElse(routers.getFirst());
    }

    private static void answer(Request request, boolean well) {
        request.exchange().send(well ? 200 : UNAVAILABLE, Json.CONTENT_TYPE, Json.bytes(status(well, NOT_ACCEPTING)));
    }

    /// Writes the status; for an unhealthy server, also an error in llama.cpp's format.
    private static ObjectNode status(boolean well, String reason) {
        ObjectNode body = Json.object().put("status", well ? "ok" : "unavailable");
        if (!well) {
            body.putObject("error")
                    .put("code", UNAVAILABLE)
                    .put("message", reason)
                    .put("type", "unavailable_error");
        }
        return body;
    }

    /// The number of running and waiting requests, for load balancers, in vLLM's format.
    private void load(Request request) {
        int load = models.engines().stream()
                .mapToInt(engine -> engine.sequences().size())
                .sum();
        ObjectNode body = Json.object().put("server_load", load);
        request.exchange().send(200, Json.CONTENT_TYPE, Json.bytes(body));
    }

    private static void version(Request asked) {
        Request request = asked.forModel(asked.exchange().query("model"));
        ObjectNode body = Json.object();
        body.put("version", Manifest.currentVersion());
        body.put("commit", COMMIT);
        body.put("java", Runtime.version().toString());
        body.put("os", System.getProperty("os.name") + " " + System.getProperty("os.arch"));
        body.put("processors", Runtime.getRuntime().availableProcessors());
        body.put("device", "cpu");
        Engine engine = request.deployment().engine();
        body.put("threads", engine.options().threads());
        body.put("kernels", Engine.kernels(engine.weightFormat()).name().toLowerCase(Locale.ROOT));
        body.set("model", model(request.deployment()));
        request.exchange().send(200, Json.CONTENT_TYPE, Json.bytes(body));
    }

    /// The model's provenance, from the manifest as it was when the model was opened. A recorded verification
    /// applies only to the content that was compared. If the tensors cannot be read, it is unknown whether that
    /// content is served.
    private static ObjectNode model(ModelDeployment deployment) {
        Provenance provenance = deployment
                .engine()
                .checkpoint()
                .manifest()
                .map(Manifest::provenance)
                .orElse(Provenance.NONE);
        String served = deployment.version().get().version();
        ObjectNode model = Json.object().put("name", deployment.name());
        model.put("content_hash", served.isEmpty() ? null : served);
        model.set("imported", provenance.origin().map(Provenance::json).orElse(null));
        model.set("one_pass", deployment.onePass().map(OnePassStatus::summary).orElse(null));
        ArrayNode list = model.putArray("verifications");
        deployment.host().ifPresent(host -> model.put("adapter_of", host.name()));
        // Verifications apply to the model without an adapter.
        List<Verification> verifications = deployment.host().isPresent() ? List.of() : provenance.verifications();
        for (Verification verification : verifications) {
            @Nullable
            Boolean valid = served.isEmpty() ? null : verification.contentHash().equals(served);
            list.add(Provenance.json(verification).put("valid", valid));
        }
        return model;
    }
}
