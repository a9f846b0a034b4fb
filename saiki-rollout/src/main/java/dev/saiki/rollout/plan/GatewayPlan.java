package dev.saiki.rollout.plan;

import dev.saiki.evidence.RetreatRule;
import dev.saiki.io.InputException;
import dev.saiki.io.Sha256;
import dev.saiki.rollout.check.DepartureCheck;
import dev.saiki.rollout.check.FeedbackCheck;
import dev.saiki.rollout.pair.Side;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

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
/// @param fallback the rules by which the baseline answers in the candidate's place
/// @param access the address, the API keys and their rights
/// @param operations the connections to how a company runs its services
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
        FallbackRules fallback,
        GatewayAccess access,
        OperationSettings operations,
        DatabaseLocation database) {

    /// The request header that names a conversation.
    public static final String CONVERSATION_HEADER = "X-Conversation-Id";

    /// The request header by which an operator names the side that answers.
    public static final String FORCE_HEADER = "X-Saiki-Force-Side";

    /// The number of slices of the traffic that can have tests.
    public static final int MOST_SLICES = 50;

    /// The conversations before the first promotion. A slice with 2 % of the traffic is among them with a probability
    /// of 0.994, one with 4 % of 0.99996.
    public static final int CONVERSATIONS_BEFORE_SLICES = 250;
    /// The name of the baseline's fingerprint.
    public static final String BASELINE = "baseline";

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
        InputException.require(!stages.isEmpty(), "the plan", "stages", "at least one", "none");
        for (int index = 1; index < stages.size(); index++) {
            RolloutState before = stages.get(index - 1).state();
            RolloutState after = stages.get(index).state();
            InputException.require(
                    after.compareTo(before) >= 0,
                    "stages[" + index + "]",
                    "state",
                    before.word() + " or a later state (shadow, canary, certified, full, retired)",
                    after.word());
        }
        if (gates.stream().noneMatch(gate -> gate.retreats() && !(gate.check() instanceof DepartureCheck))) {
            throw new InputException("gates must have at least one that retreats, got none; without it a failing"
                    + " candidate would keep answering; add {name: errors, check: errors, tolerance: 0.02}");
        }
        Duration both = baseline.answer().plus(candidate.answer());
        if (evidence.time().compareTo(both) < 0) {
            throw new InputException("evidence.time must be at least " + both.toSeconds() + "s, the longest time that"
                    + " both sides may take for an answer (answer of baseline and candidate), so that a slow answer is"
                    + " not missed, got " + evidence.time().toSeconds() + "s");
        }
        requireVerdicts(stages, gates);
        Set<String> names = new HashSet<>();
        Stream.concat(gates.stream(), operations.levels().stream())
                .map(PlannedGate::name)
                .filter(name -> !names.add(name))
                .findFirst()
                .ifPresent(name -> {
                    throw new InputException("gates: two gates have the name " + name + "; give each a different name");
                });
    }

    /// Refuses a gate that waits for users' verdicts on both sides in a stage in which clients get answers of one.
    private static void requireVerdicts(List<Stage> stages, List<RolloutGate> gates) {
        boolean isPromoted = gates.stream().anyMatch(gate -> gate.promotes() && gate.check() instanceof FeedbackCheck);
        for (Stage stage : stages.subList(0, stages.size() - 1)) {
            if (isPromoted && stage.share() == 1 && stage.state() != RolloutState.SHADOW) {
                throw new InputException("a gate with check: feedback can never allow the end of the stage "
                        + stage.state().word() + " with share 1, since the baseline answers no clients there and gets"
                        + " no verdicts; give the gate promotes: false");
            }
        }
    }

    /// Returns the address of a side.
    ///
    /// @param side one of the two models
    /// @return the side's address
    public ModelEndpoint endpoint(Side side) {
        return side == Side.CANDIDATE ? candidate : baseline;
    }

    /// Returns whether clients get answers of the baseline in some stage.
    ///
    /// @return false if the candidate answers all requests from the first stage on
    public boolean baselineAnswers() {
        Stage first = stages.getFirst();
        return first.state() == RolloutState.SHADOW || first.share() < 1;
    }

    /// Returns the longest time from the assignment of a request to the results of all gates.
    ///
    /// @param owing the side that is asked for the other answer
    /// @return the time for both answers and for the checks; if the baseline owes its answer, also the longest time
    ///     that the request may wait until the baseline is asked
    public Duration longestComparison(Side owing) {
        Duration comparison =
                gates.stream().map(gate -> gate.check().longest()).reduce(evidence.time(), Duration::plus);
        return owing == Side.CANDIDATE
                ? comparison
                : comparison.plus(baseline.answer().multipliedBy(Math.ceilDiv(limits.queued(), limits.mirrored())));
    }

    /// Returns the rule by which all tests together decide on a retreat.
    ///
    /// @return the rule for the retreating gates, over all conversations and in each slice
    public RetreatRule retreatRule() {
        int gatesWithTests = (int) gates.stream().filter(RolloutGate::retreats).count();
        return new RetreatRule(evidence.retreatError(), EvidenceSettings.HORIZON, gatesWithTests * (1 + MOST_SLICES));
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
    /// @return four hashes: `baseline` (its address and name), `candidate` (its address, name and fields at its
    ///     reference depth), `certified` (the fields set from the certified stage on) and `rules` (the number of
    ///     stages, the gates, the numbers of `evidence`, and the limits that turn an answer into a failure)
    public Map<String, String> fingerprints() {
        List<Object> rules = List.of(
                stages.size(),
                evidence.retreatError(),
                evidence.promoteError(),
                evidence.sliceTolerance(),
                evidence.slices(),
                evidence.time(),
                times(baseline),
                times(candidate),
                limits.answerBytes(),
                gates.stream().map(GatewayPlan::rule).toList() + levels());
        return Map.of(
                BASELINE,
                hash(baseline.url() + "\n" + baseline.model()),
                CANDIDATE,
                hash(candidate.url() + "\n" + candidate.model() + "\n" + new TreeMap<>(fields.reference())),
                CERTIFIED,
                hash(new TreeMap<>(fields.certified()).toString()),
                RULES,
                hash(rules.toString()));
    }

    private static String times(ModelEndpoint endpoint) {
        return endpoint.firstByte() + " " + endpoint.pause() + " " + endpoint.answer();
    }

    private static String rule(RolloutGate gate) {
        return gate.name() + " " + gate.check().getClass().getSimpleName() + " " + gate.check() + " " + gate.tolerance()
                + " " + gate.retreats() + " " + gate.promotes();
    }

    /// The rules of the levels; empty without any.
    private String levels() {
        return operations.levels().stream()
                .map(level -> "\n" + level + " " + level.check().service().url())
                .collect(Collectors.joining());
    }

    private static String hash(String text) {
        return Sha256.hex(text.getBytes(StandardCharsets.UTF_8));
    }
}
