package dev.saiki.rollout.course;

import dev.saiki.http.Json;
import dev.saiki.rollout.plan.GatewayPlan;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The stored form of a position.
final class PositionJson {

    private PositionJson() {}

    static String text(Position position) {
        ObjectNode json = Json.object();
        json.put("run", position.run());
        json.put("index", position.index());
        json.put("aborted", position.aborted());
        json.put("paused", position.paused());
        json.put("dial_away", position.effortDisabled());
        json.put("since", position.since().toString());
        return new String(Json.bytes(json), StandardCharsets.UTF_8);
    }

    /// Reads a position under the current plan; at its first stage if the plan has too few stages.
    static Position read(String text, GatewayPlan plan) {
        JsonNode json = Json.read(text.getBytes(StandardCharsets.UTF_8));
        int index = json.path("index").asInt(0);
        int within = index < plan.stages().size() ? index : 0;
        return new Position(
                json.path("run").asLong(1),
                within,
                plan.stages().get(within),
                json.path("aborted").asBoolean(false),
                json.path("paused").asBoolean(false),
                json.path("dial_away").asBoolean(false),
                Instant.parse(json.path("since").asString("")));
    }
}
