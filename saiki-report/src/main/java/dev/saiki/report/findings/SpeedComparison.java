package dev.saiki.report.findings;

import dev.saiki.report.findings.Findings.ComparedModel;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// A comparison of two models' speeds, by measurements under the same conditions.
///
/// @param state kind of the result
/// @param model the model's speed
/// @param baseline the baseline's speed
record SpeedComparison(State state, Optional<EngineSpeed> model, Optional<EngineSpeed> baseline) {

    /// Nothing was measured.
    static final SpeedComparison UNKNOWN = new SpeedComparison(State.NOT_MEASURED, Optional.empty(), Optional.empty());

    private static final String DECODE = "decode";

    /// The verdict of a comparison of speeds.
    enum State {
        /// There is no pair of measurements under the same conditions.
        NOT_MEASURED,
        /// Its slowest round was faster than the other's fastest.
        FASTER,
        /// Its fastest round was slower than the other's slowest.
        SLOWER,
        /// The rounds overlap.
        UNDECIDED
    }

    /// Compares two models by the largest-batch measurement that both have.
    ///
    /// @param findings has the measurements
    /// @param model the one
    /// @param baseline the other
    static SpeedComparison of(Findings findings, ComparedModel model, ComparedModel baseline) {
        List<EngineSpeed> theirs = of(findings, baseline);
        for (EngineSpeed mine : of(findings, model)) {
            Optional<EngineSpeed> other = theirs.stream().filter(mine::isLike).findFirst();
            if (other.isPresent()) {
                return new SpeedComparison(state(mine, other.get()), Optional.of(mine), other);
            }
        }
        return UNKNOWN;
    }

    private static State state(EngineSpeed mine, EngineSpeed other) {
        if (mine.min() > other.max()) {
            return State.FASTER;
        }
        return mine.max() < other.min() ? State.SLOWER : State.UNDECIDED;
    }

    /// Returns the decoding speeds of a model, the largest batch first; under the same conditions the latest
    /// measurement comes first, since it was presumably repeated for a reason.
    static List<EngineSpeed> of(Findings findings, ComparedModel subject) {
        return findings.attachments().speeds().reversed().stream()
                .filter(speed -> speed.measure().equals(DECODE))
                .filter(speed -> subject.checkpoints().stream().anyMatch(one -> isSame(speed.model(), one)))
                .sorted(Comparator.comparingInt(EngineSpeed::sequences).reversed())
                .toList();
    }

    /// Tells whether a path leads to a checkpoint of the findings' folder, wherever that folder was at the time.
    static boolean isSame(String path, String checkpoint) {
        String plain = path.replace('\\', '/').replaceAll("/+$", "");
        return plain.equals(checkpoint) || plain.endsWith("/" + checkpoint);
    }
}
