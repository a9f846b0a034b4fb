package dev.saiki.rollout.router;

import dev.saiki.http.Json;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// One reading of a router's statistics.
///
/// @param breaker the state of the server's circuit breaker
/// @param trips number of times the breaker opened
/// @param notFinite number of scores, and of sets of logits, that were not finite
/// @param tokens number of tokens measured
/// @param shares the shares of tokens by depth, from 1
/// @param expected shares of tokens by depth as in training; empty if unknown
/// @param drift distance between the observed and the expected shares; NaN if either is missing
/// @param revoked whether the server has revoked the certificate of the candidate's effort
public record RouterReading(
        String breaker,
        long trips,
        long notFinite,
        long tokens,
        List<Double> shares,
        List<Double> expected,
        double drift,
        boolean revoked) {

    private static final String CLOSED = "closed";

    /// A step is dead if a smaller share of tokens than this reaches it, although the expected share is at least
    /// `EXPECTED`.
    private static final double DEAD_SHARE = 0.001;

    private static final double EXPECTED = 0.01;

    /// Copies the lists.
    public RouterReading {
        shares = List.copyOf(shares);
        expected = List.copyOf(expected);
    }

    /// Reads the answer of `/router`.
    ///
    /// @param json the answer
    /// @return the reading
    public static RouterReading read(JsonNode json) {
        JsonNode window = json.path("window");
        return new RouterReading(
                json.path("state").asString(CLOSED),
                json.path("trips")
                        .valueStream()
                        .mapToLong(count -> count.asLong(0))
                        .sum(),
                json.path("scores_not_finite").asLong(0)
                        + json.path("logits_not_finite").asLong(0),
                window.path("tokens").asLong(0),
                numbers(window.path("shares")),
                numbers(window.path("expected")),
                window.path("drift").asDouble(Double.NaN),
                json.path("certificate").path("revoked").asBoolean(false));
    }

    private static List<Double> numbers(JsonNode array) {
        return array.valueStream().map(number -> number.asDouble(0)).toList();
    }

    /// Applies the alarm rules.
    ///
    /// @param watch the rules
    /// @param before the previous reading; empty if this is the first
    /// @return the alarms
    public Set<RouterAlarm> alarms(RouterWatch watch, Optional<RouterReading> before) {
        Set<RouterAlarm> alarms = EnumSet.noneOf(RouterAlarm.class);
        if (!breaker.equals(CLOSED) || before.filter(last -> last.trips < trips).isPresent()) {
            alarms.add(RouterAlarm.BREAKER);
        }
        if (before.filter(last -> last.notFinite < notFinite).isPresent()) {
            alarms.add(RouterAlarm.NOT_FINITE);
        }
        if (revoked) {
            alarms.add(RouterAlarm.CERTIFICATE);
        }
        if (tokens >= watch.tokens()) {
            if (drift > watch.driftLimit()) {
                alarms.add(RouterAlarm.DRIFT);
            }
            if (IntStream.range(0, Math.min(shares.size(), expected.size())).anyMatch(this::isDead)) {
                alarms.add(RouterAlarm.DEAD_STEP);
            }
        }
        return alarms;
    }

    private boolean isDead(int step) {
        return from(shares, step) < DEAD_SHARE && from(expected, step) >= EXPECTED;
    }

    /// The share of tokens that take a step.
    private static double from(List<Double> byDepth, int step) {
        return byDepth.stream().skip(step).mapToDouble(Double::doubleValue).sum();
    }

    /// Returns the mean depth.
    ///
    /// @return the mean number of recursions; 0 if there were no tokens
    public double meanDepth() {
        return IntStream.range(0, shares.size())
                .mapToDouble(depth -> (depth + 1) * shares.get(depth))
                .sum();
    }

    /// Writes all fields, for the audit log.
    ///
    /// @return an object
    public ObjectNode toJson() {
        ObjectNode json = Json.object();
        json.put("breaker", breaker);
        json.put("trips", trips);
        json.put("not_finite", notFinite);
        json.put("tokens", tokens);
        shares.forEach(json.putArray("shares")::add);
        expected.forEach(json.putArray("expected")::add);
        if (Double.isFinite(drift)) {
            json.put("drift", drift);
        }
        json.put("mean_depth", meanDepth());
        json.put("revoked", revoked);
        return json;
    }
}
