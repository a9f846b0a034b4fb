package dev.saiki.rollout.journal;

import dev.saiki.evidence.GateTest.Sides;
import dev.saiki.http.Json;
import dev.saiki.rollout.pair.Side;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A compared conversation that has not entered the tests. It gives each test one observation: what its first pair
/// showed. Later pairs of the same conversation would depend on the first one.
public final class OpenConversation {

    /// The stored form of an infinite value, since JSON has no infinite numbers.
    private static final double ENDLESS = -1;

    private final Beginning beginning;
    private final Map<String, Sides> observed = new LinkedHashMap<>();
    private boolean isPaired;
    private boolean isWithdrawn;
    private Optional<Boolean> departure = Optional.empty();

    /// How a conversation began.
    ///
    /// @param atMillis time of its first compared request, in milliseconds since 1970
    /// @param gateway id of the gateway process that compares it
    /// @param owing the side that is asked for the other answer
    /// @param isFirst whether the request counts for all conversations, and not in its slices only
    /// @param slices the slices that the request belongs to
    public record Beginning(long atMillis, String gateway, Side owing, boolean isFirst, List<String> slices) {

        /// Copies the slices.
        public Beginning {
            slices = List.copyOf(slices);
        }
    }

    public OpenConversation(Beginning beginning) {
        this.beginning = beginning;
    }

    public Beginning beginning() {
        return beginning;
    }

    /// Adds what a pair showed, unless there is one already.
    ///
    /// @param values the values of both sides, by gate
    public void add(Map<String, Sides> values) {
        if (!isPaired) {
            observed.putAll(values);
            isPaired = true;
        }
    }

    /// Notes whether the client of the candidate's answer left before it ended, unless that is known already.
    public void note(boolean isLeft) {
        departure = departure.or(() -> Optional.of(isLeft));
    }

    /// Whether the client of the candidate's answer left; empty if the candidate did not answer a client, or the
    /// answer has not ended.
    public Optional<Boolean> departure() {
        return departure;
    }

    /// Notes that there will be no pair, for a reason that lies with neither side.
    public void withdraw() {
        isWithdrawn = true;
    }

    /// Whether nothing more is awaited.
    public boolean isComplete() {
        return isPaired || isWithdrawn;
    }

    /// The values of a gate; empty if there are none.
    public Optional<Sides> observed(String gate) {
        return Optional.ofNullable(observed.get(gate));
    }

    /// Serializes the conversation.
    public String toJson() {
        ObjectNode json = Json.object();
        json.put("at", beginning.atMillis());
        json.put("gateway", beginning.gateway());
        json.put("owing", beginning.owing().word());
        json.put("first", beginning.isFirst());
        json.put("paired", isPaired);
        json.put("withdrawn", isWithdrawn);
        departure.ifPresent(isLeft -> json.put("left", isLeft));
        beginning.slices().forEach(json.putArray("slices")::add);
        ObjectNode gates = json.putObject("observed");
        observed.forEach((gate, sides) ->
                gates.putArray(gate).add(finite(sides.baseline())).add(finite(sides.candidate())));
        return Journal.text(json);
    }

    private static double finite(double value) {
        return Double.isInfinite(value) ? ENDLESS : value;
    }

    private static double value(JsonNode written) {
        double value = written.asDouble(ENDLESS);
        return value < 0 ? Double.POSITIVE_INFINITY : value;
    }

    /// Parses the output of {@link #toJson}.
    public static OpenConversation read(String text) {
        JsonNode json = Journal.json(text);
        OpenConversation read = new OpenConversation(new Beginning(
                json.path("at").asLong(0),
                json.path("gateway").asString(""),
                json.path("owing").asString("").equals(Side.CANDIDATE.word()) ? Side.CANDIDATE : Side.BASELINE,
                json.path("first").asBoolean(true),
                json.path("slices")
                        .valueStream()
                        .map(slice -> slice.asString(""))
                        .toList()));
        read.isPaired = json.path("paired").asBoolean(false);
        read.isWithdrawn = json.path("withdrawn").asBoolean(false);
        read.departure = json.has("left") ? Optional.of(json.path("left").asBoolean(false)) : Optional.empty();
        json.path("observed")
                .properties()
                .forEach(gate -> read.observed.put(
                        gate.getKey(),
                        new Sides(
                                value(gate.getValue().path(0)),
                                value(gate.getValue().path(1)))));
        return read;
    }
}
