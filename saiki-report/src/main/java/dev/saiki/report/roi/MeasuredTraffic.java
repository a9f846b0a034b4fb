package dev.saiki.report.roi;

import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The figures that a gateway measured on live traffic, with intervals.
///
/// @param tokensPerRequest tokens of a request with its answer; empty if they are not known
/// @param differences the candidate's loss less today's, by gate
/// @param tokenRatio tokens of the candidate for each of today's model; empty if both do not say them
/// @param timeRatio time of the candidate's answers for each second of today's; empty if there are none
/// @param flopsShare how much of the arithmetic at full depth the candidate did; empty if it is not known
public record MeasuredTraffic(
        Optional<UncertainNumber> tokensPerRequest,
        Map<String, UncertainNumber> differences,
        Optional<UncertainNumber> tokenRatio,
        Optional<UncertainNumber> timeRatio,
        Optional<UncertainNumber> flopsShare) {

    private static final JsonMapper JSON = new JsonMapper();

    /// Keeps its own copy.
    public MeasuredTraffic {
        differences = Map.copyOf(differences);
    }

    /// Reads what `saiki rollout status --json` printed, or what a gateway answered at
    /// `/rollout/measured`.
    ///
    /// @param file of JSON
    /// @return what was measured
    /// @throws InputException if the file cannot be read, or is something else
    public static MeasuredTraffic read(Path file) {
        JsonNode root;
        try {
            root = JSON.readTree(Files.readString(file));
        } catch (IOException | JacksonException e) {
            throw new InputException(file + ": no JSON that can be read", e);
        }
        JsonNode measured = root.has("measured") ? root.path("measured") : root;
        if (!measured.path("object").asString("").equals("measured")) {
            throw InputException.of(
                    file.toString(),
                    "the file",
                    "what `saiki rollout status --json` printed, or the answer of GET /rollout/measured",
                    "something else");
        }
        Map<String, UncertainNumber> differences = new TreeMap<>();
        for (JsonNode gate : measured.path("gates")) {
            number(gate).ifPresent(number -> differences.put(gate.path("gate").asString(""), number));
        }
        return new MeasuredTraffic(
                number(measured.path("tokens_per_request")),
                differences,
                number(measured.path("token_ratio")),
                number(measured.path("time_ratio")),
                number(measured.path("flops_share")));
    }

    private static Optional<UncertainNumber> number(JsonNode interval) {
        double low = interval.path("low").asDouble(Double.NaN);
        double mean = interval.path("mean").asDouble(Double.NaN);
        double high = interval.path("high").asDouble(Double.NaN);
        return low <= mean && mean <= high
                ? Optional.of(new UncertainNumber(low, mean, high, UncertainNumber.Shape.TRIANGULAR))
                : Optional.empty();
    }
}
