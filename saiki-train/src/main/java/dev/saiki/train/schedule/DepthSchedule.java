package dev.saiki.train.schedule;

import java.util.List;
import java.util.function.IntToDoubleFunction;

/// The maximum recursion depth at each step of a run.
///
/// Recursions that come late cost nothing before they come, and the steps of one pass are the cheap ones.
/// A depth never falls: what was trained is not left to rot.
///
/// @param phases the depths in the order of the run; steps and depths rise, and the first one holds from step 0
public record DepthSchedule(List<Phase> phases) {

    /// The schedule of a run in which every recursion is there from the first step on.
    public static final DepthSchedule UNBOUNDED = new DepthSchedule(List.of(new Phase(0, Integer.MAX_VALUE)));

    /// A depth and where it begins.
    ///
    /// @param start the number of steps taken before it holds
    /// @param depth the most recursions that a token may take, at least 1
    public record Phase(long start, int depth) {}

    /// Keeps its own copy of the list.
    ///
    /// @throws IllegalArgumentException if there is no phase, the first one does not hold from step 0, or steps or
    ///     depths do not rise
    public DepthSchedule {
        phases = List.copyOf(phases);
        if (phases.isEmpty()
                || phases.getFirst().start() != 0
                || phases.getFirst().depth() < 1) {
            throw new IllegalArgumentException("phases " + phases);
        }
        for (int i = 1; i < phases.size(); i++) {
            Phase before = phases.get(i - 1);
            Phase phase = phases.get(i);
            if (phase.start() <= before.start() || phase.depth() <= before.depth()) {
                throw new IllegalArgumentException("phases " + phases);
            }
        }
    }

    /// Whether the depth changes.
    ///
    /// @return false if one depth holds from the first step to the last
    public boolean hasSwitch() {
        return phases.size() > 1;
    }

    /// Whether one optimizer step is the first one at its depth, the run's first step left out: its loss may jump.
    ///
    /// @param step the number of steps taken before it
    /// @return whether the step before had another depth
    public boolean switchesAt(long step) {
        return phases.stream().skip(1).anyMatch(phase -> phase.start() == step);
    }

    /// The depth of one optimizer step.
    ///
    /// @param step the number of steps taken before it: the first step of a run is 0
    /// @return the most recursions that a token may take
    public int at(long step) {
        return phases.stream()
                .filter(phase -> phase.start() <= step)
                .reduce((_, later) -> later)
                .orElseThrow()
                .depth();
    }

    /// The beginning of a recursion step.
    ///
    /// @param recursionStep the recursion step, from 0
    /// @return the number of optimizer steps taken before the first one that has it; {@link Long#MAX_VALUE} if none
    ///     does
    public long start(int recursionStep) {
        return phases.stream()
                .filter(phase -> phase.depth() > recursionStep)
                .mapToLong(Phase::start)
                .findFirst()
                .orElse(Long.MAX_VALUE);
    }

    /// Adds up what the first steps of a run cost.
    ///
    /// @param steps their number
    /// @param cost what one step costs at a depth
    /// @return the sum
    public double total(long steps, IntToDoubleFunction cost) {
        double total = 0;
        for (int i = 0; i < phases.size(); i++) {
            long end = i + 1 < phases.size() ? Math.min(steps, phases.get(i + 1).start()) : steps;
            long own = Math.max(0, end - phases.get(i).start());
            total += own * cost.applyAsDouble(phases.get(i).depth());
        }
        return total;
    }
}
