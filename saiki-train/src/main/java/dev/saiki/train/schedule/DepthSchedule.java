package dev.saiki.train.schedule;

import java.util.List;
import java.util.function.IntToDoubleFunction;

/// The maximum recursion depth at each step of a run.
///
/// Recursions cost nothing until they are enabled, so the early steps with a single pass are cheap. The depth
/// never decreases, so that trained recursions do not degrade.
///
/// @param phases the phases in the order of the run, with rising start steps and depths; the first phase
///     starts at step 0
public record DepthSchedule(List<Phase> phases) {

    /// The schedule of a run with every recursion enabled from the first step on.
    public static final DepthSchedule UNBOUNDED = new DepthSchedule(List.of(new Phase(0, Integer.MAX_VALUE)));

    /// A depth and its first step.
    ///
    /// @param start the number of steps taken before the depth applies
    /// @param depth the maximum number of recursions of a token, at least 1
    public record Phase(long start, int depth) {}

    /// Copies the list.
    ///
    /// @throws IllegalArgumentException if there is no phase, the first one does not apply from step 0, or steps
    ///     or depths do not rise
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
    /// @return false if one depth applies from the first step to the last
    public boolean hasSwitch() {
        return phases.size() > 1;
    }

    /// Whether an optimizer step is the first one at its depth, so that the loss may jump there; false for
    /// the run's first step.
    ///
    /// @param step the number of steps taken before this one
    /// @return whether the preceding step had another depth
    public boolean switchesAt(long step) {
        return phases.stream().skip(1).anyMatch(phase -> phase.start() == step);
    }

    /// The depth at one optimizer step.
    ///
    /// @param step the number of steps taken before this one: 0 for the first step of a run
    /// @return the maximum number of recursions of a token
    public int at(long step) {
        return phases.stream()
                .filter(phase -> phase.start() <= step)
                .reduce((_, later) -> later)
                .orElseThrow()
                .depth();
    }

    /// The step at which a recursion step is enabled.
    ///
    /// @param recursionStep the recursion step, from 0
    /// @return the number of optimizer steps taken before the first one with this recursion step;
    ///     {@link Long#MAX_VALUE} if it is never enabled
    public long start(int recursionStep) {
        return phases.stream()
                .filter(phase -> phase.depth() > recursionStep)
                .mapToLong(Phase::start)
                .findFirst()
                .orElse(Long.MAX_VALUE);
    }

    /// Adds up the cost of the first steps of a run.
    ///
    /// @param steps the number of steps
    /// @param cost the cost of one step by depth
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
