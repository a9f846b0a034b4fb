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

/// The figures that a gateway measured on live traffic, with 90 % intervals.
///
/// @param tokensPerRequest number of tokens in a request and its answer; empty if unknown
/// @param differences the candidate's loss minus today's model's loss, for each gate
/// @param tokenRatio the candidate's number of tokens divided by today's model's; empty unless both models
///     report their tokens
/// @param timeRatio time of the candidate's answers divided by the time of today's answers; empty if no times
///     were measured
/// @param flopsShare the candidate's FLOPs as a share of its FLOPs at full depth; empty if unknown
public record MeasuredTraffic(
        Optional<UncertainNumber> tokensPerRequest,
        Map<String, UncertainNumber> differences,
        Optional<UncertainNumber> tokenRatio,
        Optional<UncertainNumber> timeRatio,
        Optional<UncertainNumber> flopsShare) {

    private static final JsonMapper JSON = new JsonMapper();

    /// Copies the map.
    public MeasuredTraffic {
        differences = Map.copyOf(differences);
    }

    /// Reads the output of `saiki rollout status --json`, or a gateway's response at `/rollout/measured`.
    ///
    /// @param file a JSON file
    /// @return the measured figures
    /// @throws InputException if the file cannot be read, or has other content
    public static MeasuredTraffic read(Path file) {
        JsonNode root;
        try {
            root = JSON.readTree(Files.readString(file));
        } catch (IOException | JacksonException e) {
            throw new InputException(file + ": not valid JSON", e);
        }
        JsonNode measured = root.has("measured") ? root.path("measured") : root;
        InputException.require(
                measured.path("object").asString("").equals("measured"),
                file.toString(),
                "the file",
                "the output of `saiki rollout status --json` or of GET /rollout/measured",
                "another document");
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
        return low <= mean && mean <= high ? Optional.of(new UncertainNumber(low, mean, high)) : Optional.empty();
    }
}
