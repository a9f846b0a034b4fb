package dev.saiki.rollout.plan;

import dev.saiki.evidence.GateSettings;
import dev.saiki.io.InputException;
import dev.saiki.io.Sha256;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;

/// The plan of a rollout: everything that a gateway is configured with.
///
/// @param model what clients call the model; requests for another one go to the baseline as they are
/// @param baseline the model that is there
/// @param candidate the model that may take its place
/// @param fields that the candidate's requests get
/// @param stages of the way, the first one first
/// @param gates what has to be shown
/// @param evidence the rules by which pairs become decisions
/// @param limits on memory
/// @param access who may do what
/// @param database holds states, decisions and pairs
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

    /// The header of a request that names its conversation.
    public static final String CONVERSATION_HEADER = "X-Conversation-Id";

    /// Checks what belongs together.
    ///
    /// @throws InputException naming what is wrong, what is allowed, and what was got
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
                        before.word() + " or what comes after it (shadow, canary, certified, full, retired)",
                        after.word());
            }
        }
        if (gates.stream().noneMatch(RolloutGate::retreats)) {
            throw new InputException("gates must have at least one that retreats, got none: a candidate that fails"
                    + " would go on answering; add {name: errors, check: errors, tolerance: 0.02}");
        }
        Set<String> names = new HashSet<>();
        gates.stream()
                .map(RolloutGate::name)
                .filter(name -> !names.add(name))
                .findFirst()
                .ifPresent(name -> {
                    throw new InputException("gates: two have the name " + name + "; each needs one of its own");
                });
    }

    /// Returns what a gate demands of its evidence. The chance of a false retreat is split evenly over the gates that
    /// retreat and the stages.
    ///
    /// @param gate one of the plan's
    /// @return the settings of its test
    public GateSettings settings(RolloutGate gate) {
        long tests = gates.stream().filter(RolloutGate::retreats).count()
                * Math.max(1, stages.stream().filter(Stage::gathersEvidence).count());
        return new GateSettings(gate.tolerance(), evidence.retreatError() / tests, evidence.promoteError());
    }

    /// Tells candidates apart.
    ///
    /// @return a hash of the candidate's address, name and fields at its reference depth
    public String candidateFingerprint() {
        return hash(candidate.url() + "\n" + candidate.model() + "\n" + new TreeMap<>(fields.reference()));
    }

    /// Tells apart what is set in requests from the stage certified on.
    ///
    /// @return a hash of these fields
    public String certifiedFingerprint() {
        return hash(new TreeMap<>(fields.certified()).toString());
    }

    /// Tells apart what evidence is gathered by.
    ///
    /// @return a hash of stages, gates, and rules of evidence
    public String rulesFingerprint() {
        String rules = stages.size() + "\n" + evidence.retreatError() + "\n" + evidence.promoteError() + "\n"
                + evidence.pairs() + "\n"
                + gates.stream().map(GatewayPlan::rule).toList();
        return hash(rules);
    }

    private static String rule(RolloutGate gate) {
        return gate.name() + " " + gate.check().getClass().getSimpleName() + " " + gate.check() + " " + gate.tolerance()
                + " " + gate.retreats() + " " + gate.promotes();
    }

    private static String hash(String text) {
        return Sha256.hex(text.getBytes(StandardCharsets.UTF_8));
    }
}
