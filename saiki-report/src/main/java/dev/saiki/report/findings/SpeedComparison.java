package dev.saiki.report.findings;

import dev.saiki.report.findings.Findings.ComparedModel;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// A comparison of two models' speeds, based on measurements under the same conditions.
///
/// @param state kind of the result
/// @param model the model's speed
/// @param baseline the baseline's speed
record SpeedComparison(State state, Optional<EngineSpeed> model, Optional<EngineSpeed> baseline) {

    /// The comparison without measurements.
    static final SpeedComparison UNKNOWN = new SpeedComparison(State.NOT_MEASURED, Optional.empty(), Optional.empty());

    private static final String DECODE = "decode";

    /// The verdict of a comparison of speeds.
    enum State {
        /// There is no pair of measurements under the same conditions.
        NOT_MEASURED,
        /// The model's slowest round was faster than the baseline's fastest round.
        FASTER,
        /// The model's fastest round was slower than the baseline's slowest round.
        SLOWER,
        /// The speed ranges of the rounds overlap.
        UNDECIDED
    }

    /// Compares two models by the largest batch for which both have measurements.
    ///
    /// @param findings findings that contain the measurements
    /// @param model the model
    /// @param baseline the model to compare with
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

    /// Returns the decoding speeds of a model, beginning with the largest batch. Under equal conditions, the
    /// latest measurement comes first, since there was presumably a reason to repeat the measurement.
    static List<EngineSpeed> of(Findings findings, ComparedModel subject) {
        return findings.attachments().speeds().reversed().stream()
                .filter(speed -> speed.measure().equals(DECODE))
                .filter(speed -> subject.checkpoints().stream().anyMatch(one -> isSame(speed.model(), one)))
                .sorted(Comparator.comparingInt(EngineSpeed::sequences).reversed())
                .toList();
    }

    /// Tells whether a path leads to a checkpoint in the folder of the findings, even if the folder was
    /// elsewhere when the path was recorded.
    static boolean isSame(String path, String checkpoint) {
        String plain = path.replace('\\', '/').replaceAll("/+$", "");
        return plain.equals(checkpoint) || plain.endsWith("/" + checkpoint);
    }
}
