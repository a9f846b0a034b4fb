package dev.saiki.rollout.plan;

import dev.saiki.evidence.GateSettings;
import dev.saiki.io.InputException;
import dev.saiki.io.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/// The plan of a rollout: everything that a gateway is configured with.
///
/// @param model the name by which clients request the model; requests for other names go to the baseline unchanged
/// @param baseline the current model
/// @param candidate the model that may replace the baseline
/// @param fields the fields that are set in the candidate's requests
/// @param stages the stages in order
/// @param gates the required evidence
/// @param evidence the rules that turn evidence into decisions
/// @param limits the limits on memory
/// @param access the address, the API keys and their rights
/// @param database the location of the database for states, decisions and pairs
public record GatewayPlan(
        String model,
        ModelEndpoint baseline,
        ModelEndpoint candidate,
        CandidateFields fields,
        List<Stage> stages,
        List<RolloutGate> gates,
        EvidenceSettings evidence,
        TrafficLimits limits,
        GatewayAccess access,
        DatabaseLocation database) {

    /// The request header that names a conversation.
    public static final String CONVERSATION_HEADER = "X-Conversation-Id";

    /// The name of the candidate's fingerprint.
    public static final String CANDIDATE = "candidate";

    /// The name of the certified effort's fingerprint.
    public static final String CERTIFIED = "certified";

    /// The name of the fingerprint of the rules by which evidence is gathered.
    public static final String RULES = "rules";

    /// Validates combinations of settings.
    ///
    /// @throws InputException naming the setting, the allowed and the actual value
    public GatewayPlan {
        stages = List.copyOf(stages);
        gates = List.copyOf(gates);
        if (stages.isEmpty()) {
            throw InputException.of("the plan", "stages", "at least one", "none");
        }
        for (int index = 1; index < stages.size(); index++) {
            RolloutState before = stages.get(index - 1).state();
            RolloutState after = stages.get(index).state();
            if (after.compareTo(before) < 0) {
                throw InputException.of(
                        "stages[" + index + "]",
                        "state",
                        before.word() + " or a later state (shadow, canary, certified, full, retired)",
                        after.word());
            }
        }
        if (gates.stream().noneMatch(RolloutGate::retreats)) {
            throw new InputException("gates must have at least one that retreats, got none; without it a failing"
                    + " candidate would keep answering; add {name: errors, check: errors, tolerance: 0.02}");
        }
        Set<String> names = new HashSet<>();
        gates.stream()
                .map(RolloutGate::name)
                .filter(name -> !names.add(name))
                .findFirst()
                .ifPresent(name -> {
                    throw new InputException("gates: two gates have the name " + name + "; give each a different name");
                });
    }

    /// Returns the settings of a gate's test. The probability of a false retreat is split evenly over the
    /// retreating gates in all stages that gather evidence.
    ///
    /// @param gate one of the plan's gates
    /// @return the settings of the gate's test
    public GateSettings settings(RolloutGate gate) {
        long tests = gates.stream().filter(RolloutGate::retreats).count()
                * Math.max(1, stages.stream().filter(Stage::gathersEvidence).count());
        return new GateSettings(gate.tolerance(), evidence.retreatError() / tests, evidence.promoteError());
    }

    /// Compares the plan with the plan under which the evidence was gathered.
    ///
    /// @param stored the earlier plan's {@link #fingerprints}; other entries are ignored
    /// @return names of the fingerprints that differ
    public Set<String> changesSince(Map<String, String> stored) {
        Map<String, String> changes = new HashMap<>(fingerprints());
        changes.entrySet().removeAll(stored.entrySet());
        return changes.keySet();
    }

    /// Computes hashes of the parts of the plan on which the evidence depends.
    ///
    /// @return three hashes: `candidate` (its address, name and fields at its reference depth), `certified` (the
    ///     fields set from the certified stage on) and `rules` (the number of stages, the pairs per conversation,
    ///     the gates, and the error probabilities)
    public Map<String, String> fingerprints() {
        String rules = stages.size() + "\n" + evidence.retreatError() + "\n" + evidence.promoteError() + "\n"
                + evidence.pairs() + "\n"
                + gates.stream().map(GatewayPlan::rule).toList();
        return Map.of(
                CANDIDATE,
                hash(candidate.url() + "\n" + candidate.model() + "\n" + new TreeMap<>(fields.reference())),
                CERTIFIED,
                hash(new TreeMap<>(fields.certified()).toString()),
                RULES,
                hash(rules));
    }

    private static String rule(RolloutGate gate) {
        return gate.name() + " " + gate.check().getClass().getSimpleName() + " " + gate.check() + " " + gate.tolerance()
                + " " + gate.retreats() + " " + gate.promotes();
    }

    private static String hash(String text) {
        return Sha256.hex(text.getBytes(StandardCharsets.UTF_8));
    }
}
