package dev.saiki.rollout.course;

import dev.saiki.http.Json;
import dev.saiki.rollout.journal.Journal;
import dev.saiki.rollout.plan.CandidateFields;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.RolloutState;
import dev.saiki.rollout.plan.Stage;
import java.time.Instant;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The position of a rollout: its stage, its run, and the changes that operators or alarms have made.
///
/// @param run the number of the run, from 1; each reset of the evidence begins a run
/// @param index the index of the stage in the plan
/// @param stage the stage
/// @param aborted whether the baseline answers all requests, regardless of the stage
/// @param paused whether automatic promotion is off; even then, the gateway retreats from a worse candidate
/// @param effortDisabled whether effort control is off, so that every token takes the reference depth, as after a
///     router alarm, an adjustment, or a change of the certified effort
/// @param since the time at which the run began
public record Position(
        long run, int index, Stage stage, boolean aborted, boolean paused, boolean effortDisabled, Instant since) {

    /// Returns the state.
    ///
    /// @return the state, which decides who answers
    public RolloutState state() {
        return aborted ? RolloutState.ABORTED : stage.state();
    }

    /// Returns the fields set in requests to the candidate.
    ///
    /// @param fields the fields of the plan
    /// @return values by field
    public Map<String, JsonNode> fields(CandidateFields fields) {
        return effortDisabled ? fields.reference() : fields.in(state());
    }

    /// Shows the position, for people and other systems.
    ///
    /// @param json receives the fields
    /// @param stages the number of the plan's stages
    public void show(ObjectNode json, int stages) {
        json.put("run", run)
                .put("state", state().word())
                .put("stage", index + 1)
                .put("stages", stages)
                .put("share", aborted ? 0 : stage.share())
                .put("since", since.toString())
                .put("paused", paused)
                .put("dial_away", effortDisabled);
    }

    /// Tells whether pairs are gathered.
    ///
    /// @return false if the rollout is aborted or the baseline is retired
    public boolean gathersEvidence() {
        return !aborted && stage.gathersEvidence();
    }

    /// The same position at the start of a new run.
    Position anew(Instant now) {
        return inRun(run + 1, now);
    }

    /// The same stage in another run.
    Position inRun(long number, Instant now) {
        return new Position(number, index, stage, aborted, paused, effortDisabled, now);
    }

    /// The same position, with `paused` set or cleared.
    Position paused(boolean held) {
        return new Position(run, index, stage, aborted, held, effortDisabled, since);
    }

    /// The same position in a new run, with effort control disabled or enabled.
    Position disableEffort(boolean disabled, Instant now) {
        return new Position(run + 1, index, stage, aborted, paused, disabled, now);
    }

    /// Whether the candidate answers clients at its certified effort.
    boolean isDialed() {
        return !aborted && !effortDisabled && stage.state().compareTo(RolloutState.CERTIFIED) >= 0;
    }

    /// Serializes the position.
    String toJson() {
        return Journal.text(Json.object()
                .put("run", run)
                .put("index", index)
                .put("aborted", aborted)
                .put("paused", paused)
                .put("dial_away", effortDisabled)
                .put("since", since.toString()));
    }

    /// Parses the output of {@link #toJson} under the current plan. If the plan no longer has the stored stage,
    /// the position is at the plan's first stage.
    static Position read(String text, GatewayPlan plan) {
        JsonNode json = Journal.json(text);
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
