package dev.saiki.report.findings;

import dev.saiki.report.findings.Findings.Subject;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// Whether one of two models writes faster, by measurements under the same conditions.
///
/// @param state what can be said
/// @param model the one's speed
/// @param baseline the other's
record SpeedContrast(State state, Optional<Speed> model, Optional<Speed> baseline) {

    /// Nothing was measured.
    static final SpeedContrast UNKNOWN = new SpeedContrast(State.NOT_MEASURED, Optional.empty(), Optional.empty());

    private static final String DECODE = "decode";

    /// What can be said.
    enum State {
        /// Not both were measured under the same conditions.
        NOT_MEASURED,
        /// Its slowest round was faster than the other's fastest.
        FASTER,
        /// Its fastest round was slower than the other's slowest.
        SLOWER,
        /// The rounds overlap.
        UNDECIDED
    }

    /// Compares two models by the measurement with most texts at a time that both have.
    ///
    /// @param findings has the measurements
    /// @param model the one
    /// @param baseline the other
    static SpeedContrast of(Findings findings, Subject model, Subject baseline) {
        List<Speed> theirs = of(findings, baseline);
        for (Speed mine : of(findings, model)) {
            Optional<Speed> other = theirs.stream().filter(mine::isLike).findFirst();
            if (other.isPresent()) {
                return new SpeedContrast(state(mine, other.get()), Optional.of(mine), other);
            }
        }
        return UNKNOWN;
    }

    private static State state(Speed mine, Speed other) {
        if (mine.least() > other.most()) {
            return State.FASTER;
        }
        return mine.most() < other.least() ? State.SLOWER : State.UNDECIDED;
    }

    /// Returns how fast a model writes, most texts at a time first; of measurements under the same conditions the
    /// latest first, for whoever measures again has a reason.
    static List<Speed> of(Findings findings, Subject subject) {
        return findings.attachments().speeds().reversed().stream()
                .filter(speed -> speed.measure().equals(DECODE))
                .filter(speed -> subject.checkpoints().stream().anyMatch(one -> isSame(speed.model(), one)))
                .sorted(Comparator.comparingInt(Speed::sequences).reversed())
                .toList();
    }

    /// Tells whether a path leads to a checkpoint of the findings' folder, wherever that folder lay at the time.
    static boolean isSame(String path, String checkpoint) {
        String plain = path.replace('\\', '/').replaceAll("/+$", "");
        return plain.equals(checkpoint) || plain.endsWith("/" + checkpoint);
    }
}
