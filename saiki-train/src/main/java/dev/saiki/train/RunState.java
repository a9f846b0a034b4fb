package dev.saiki.train;

import dev.saiki.io.InputException;
import dev.saiki.tensor.ProcessGroup;
import dev.saiki.text.dataset.LoaderPosition;
import dev.saiki.train.schedule.DepthSchedule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The counters of a run between two steps. Together with the weights, buffers and optimizer moments these
/// counters determine the rest of the run: random numbers are drawn at each step from the seed and the step
/// number.
///
/// @param step steps taken or skipped
/// @param tokensSeen the number of tokens trained on
/// @param positions the next rows to read
/// @param dataHash the hash of the data
/// @param seed the seed of random numbers
/// @param stableUntil the step at which the decay begins: the last step at which a cool-down can start
/// @param cooldownStart the step at which a cool-down started; empty without a cool-down
/// @param best the best validation so far
/// @param depths the recursion depth over the run; a cool-down keeps the depths of the run that it branches from
/// @param spikes the losses and gradient norms that the next step is compared with
record RunState(
        long step,
        long tokensSeen,
        TextPositions positions,
        String dataHash,
        long seed,
        long stableUntil,
        OptionalLong cooldownStart,
        BestValidation best,
        DepthSchedule depths,
        SpikeHistory spikes) {

    /// The version of the state folder's format.
    static final int FORMAT_VERSION = 1;

    /// The state before the first step.
    static RunState beginning(String dataHash, long seed, long stableUntil, DepthSchedule depths) {
        return new RunState(
                0,
                0,
                TextPositions.START,
                dataHash,
                seed,
                stableUntil,
                OptionalLong.empty(),
                BestValidation.NONE,
                depths,
                SpikeHistory.EMPTY);
    }

    /// Returns the state of the first process in all processes.
    ///
    /// @param known the state, in the first process
    static RunState shared(Optional<RunState> known, ProcessGroup group) {
        String own = known.map(state ->
                        state.toJson(JsonMapper.shared(), JsonMapper.shared().createObjectNode()))
                .orElse("");
        return read(JsonMapper.shared().readTree(group.textOfFirst(own)));
    }

    /// The state after one more step.
    RunState advanced(long tokens, TextPositions next, SpikeHistory history) {
        return with(step + 1, tokensSeen + tokens, next, best, history);
    }

    /// The state after a rollback, from which training continues with later text.
    RunState rolledBack(TextPositions next, SpikeHistory history) {
        return with(step, tokensSeen, next, best, history.withValuesOf(spikes));
    }

    /// The state after a validation, with the best validation so far.
    RunState withBest(BestValidation validation) {
        return with(step, tokensSeen, positions, validation, spikes);
    }

    /// The state in which the next dataset of the curriculum follows.
    RunState promoted() {
        return with(step, tokensSeen, positions.promoted(), best, spikes.withoutValues());
    }

    private RunState with(
            long steps, long tokens, TextPositions next, BestValidation validation, SpikeHistory history) {
        return new RunState(
                steps, tokens, next, dataHash, seed, stableUntil, cooldownStart, validation, depths, history);
    }

    /// The state at the start of a cool-down, whose best loss is tracked anew.
    RunState asCooldownStart() {
        return new RunState(
                step,
                tokensSeen,
                positions,
                dataHash,
                seed,
                step,
                OptionalLong.of(step),
                BestValidation.NONE,
                depths,
                spikes);
    }

    /// The depth of the last step taken, or of the first step if none was taken.
    int depth() {
        return depths.at(Math.max(0, step - 1));
    }

    void write(ObjectNode json) {
        json.put("format_version", FORMAT_VERSION);
        json.put("step", step);
        json.put("tokens_seen", tokensSeen);
        if (positions.stage() > 0) {
            json.put("curriculum_stage", positions.stage());
        }
        json.put("epoch", positions.own().epoch());
        json.put("row", positions.own().row());
        if (!positions.ofTeacher().equals(LoaderPosition.START)) {
            json.put("teacher_epoch", positions.ofTeacher().epoch());
            json.put("teacher_row", positions.ofTeacher().row());
        }
        json.put("data_hash", dataHash);
        json.put("seed", seed);
        json.put("stable_until", stableUntil);
        cooldownStart.ifPresent(start -> json.put("cooldown_start", start));
        best.write(json);
        if (depths.hasSwitch()) {
            ArrayNode list = json.putArray("recursions");
            depths.phases()
                    .forEach(phase ->
                            list.addObject().put("from_step", phase.start()).put("depth", phase.depth()));
        }
        spikes.write(json);
    }

    static RunState read(JsonNode json) {
        int version = json.path("format_version").asInt(-1);
        InputException.require(version == FORMAT_VERSION, "format_version", String.valueOf(FORMAT_VERSION), version);
        return new RunState(
                number(json, "step"),
                number(json, "tokens_seen"),
                readPositions(json),
                json.path("data_hash").asString(""),
                number(json, "seed"),
                number(json, "stable_until"),
                json.has("cooldown_start") ? OptionalLong.of(number(json, "cooldown_start")) : OptionalLong.empty(),
                BestValidation.read(json),
                readDepths(json.path("recursions")),
                SpikeHistory.read(json));
    }

    private static TextPositions readPositions(JsonNode json) {
        LoaderPosition own = new LoaderPosition(number(json, "epoch"), number(json, "row"));
        return new TextPositions(
                json.path("curriculum_stage").asInt(0),
                own,
                json.has("teacher_row")
                        ? new LoaderPosition(number(json, "teacher_epoch"), number(json, "teacher_row"))
                        : LoaderPosition.START);
    }

    private static DepthSchedule readDepths(JsonNode list) {
        List<DepthSchedule.Phase> phases = new ArrayList<>();
        list.forEach(phase -> phases.add(
                new DepthSchedule.Phase(number(phase, "from_step"), Math.toIntExact(number(phase, "depth")))));
        return phases.isEmpty() ? DepthSchedule.UNBOUNDED : new DepthSchedule(phases);
    }

    String toJson(JsonMapper mapper, ObjectNode files) {
        ObjectNode json = mapper.createObjectNode();
        write(json);
        json.set("files", files);
        return mapper.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n";
    }

    private static long number(JsonNode json, String key) {
        JsonNode value = json.path(key);
        InputException.require(value.isIntegralNumber() && value.canConvertToLong(), key, "a whole number", value);
        return value.longValue();
    }
}
