package dev.saiki.rollout.journal;

import dev.saiki.http.Json;
import dev.saiki.rollout.router.RouterReading;
import java.time.Instant;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// An entry of the audit log: a change of a rollout's position.
///
/// @param at time of the decision
/// @param who the operator's name, or the gateway itself
/// @param action `begin`, `promote`, `abort`, `pause`, `resume`, `restart`, `alarm` (of the router), `dial`
///     (disables or enables effort control), or `adjust` (of the router's thresholds)
/// @param from the state before
/// @param to the state after
/// @param reason the reason in words
/// @param evidence the evidence of all gates at the time of the decision
/// @param router the router's reading that caused the change, if any
public record RolloutDecision(
        Instant at,
        String who,
        String action,
        String from,
        String to,
        String reason,
        ArrayNode evidence,
        Optional<RouterReading> router) {

    /// The decision in words.
    public String words() {
        return action + " by " + who + ", " + (from.isEmpty() ? "" : "from " + from + " ") + "to " + to + ": " + reason;
    }

    public ObjectNode toJson() {
        ObjectNode json = Json.object();
        json.put("at", at.toString());
        json.put("who", who);
        json.put("action", action);
        json.put("from", from);
        json.put("to", to);
        json.put("reason", reason);
        json.set("evidence", evidence);
        router.ifPresent(reading -> json.set("router", reading.toJson()));
        return json;
    }
}
