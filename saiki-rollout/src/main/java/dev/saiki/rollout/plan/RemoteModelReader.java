package dev.saiki.rollout.plan;

import dev.saiki.io.InputException;
import dev.saiki.io.yaml.SectionReader;
import dev.saiki.rollout.check.LikelihoodCheck;
import dev.saiki.rollout.check.RemoteModel;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import tools.jackson.databind.JsonNode;

/// The reader of the models that checks call: a model configured for a gate, or the plan's baseline and candidate.
///
/// @param keys reads the section `key` of a model
/// @param baseline the plan's baseline; empty if it has a mistake
/// @param candidate the plan's candidate; empty if it has a mistake
/// @param fields the fields that are set in the candidate's requests
record RemoteModelReader(
        Function<SectionReader, Optional<String>> keys,
        Optional<ModelEndpoint> baseline,
        Optional<ModelEndpoint> candidate,
        CandidateFields fields) {

    private static final Duration DEFAULT_TIMEOUT = Duration.ofMinutes(1);

    /// The model that a gate configures with `url`, `model` and `key`.
    RemoteModel named(SectionReader reader) {
        Optional<String> key = reader.section("key").read(keys).flatMap(read -> read);
        return new RemoteModel(
                GateReader.url(reader, GatewayPlanReader.API),
                GateReader.required(reader, "model", GateReader.MODEL_NAME),
                key,
                GatewayPlanReader.fields(reader, "fields"),
                timeout(reader));
    }

    /// Both models of the plan, where the candidate scores at its reference depth.
    LikelihoodCheck both(SectionReader reader) {
        Duration timeout = timeout(reader);
        return new LikelihoodCheck(
                of(reader, baseline, Map.of(), timeout), of(reader, candidate, fields.reference(), timeout));
    }

    private static RemoteModel of(
            SectionReader reader, Optional<ModelEndpoint> side, Map<String, JsonNode> fields, Duration timeout) {
        ModelEndpoint model = side.orElseThrow(() -> new InputException(reader.pathOf("check")
                + ": likelihood needs both models; fix the reported errors in baseline or candidate first"));
        return new RemoteModel(model.url(), model.model(), model.key(), fields, timeout);
    }

    private static Duration timeout(SectionReader reader) {
        return GatewayPlanReader.duration(reader, "timeout", DEFAULT_TIMEOUT);
    }
}
