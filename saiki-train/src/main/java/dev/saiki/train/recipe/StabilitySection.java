package dev.saiki.train.recipe;

import dev.saiki.io.Problems;
import dev.saiki.io.yaml.SectionReader;
import tools.jackson.databind.node.ObjectNode;

/// Recipe section `stability`: the response to a spike in a batch's loss or gradient norm.
///
/// A step is a spike if its loss or gradient norm is not finite, or exceeds the mean of the preceding steps by
/// more than a number of standard deviations. The rule and the default values are those of OLMo-core's
/// step-skipping optimizers (github.com/allenai/OLMo-core, skip_step_optimizer.py).
///
/// @param onSpike the response to a spike
/// @param deviations the number of standard deviations above the mean beyond which a step is a spike
/// @param interval the number of preceding steps from which mean and deviation are computed; detection starts
///     after half of them
/// @param tries the number of consecutive spikes tolerated; the next one ends the run
public record StabilitySection(OnSpike onSpike, double deviations, int interval, int tries) {

    /// No detection: only a loss or gradient that is not finite ends the run.
    public static final StabilitySection DEFAULT = new StabilitySection(OnSpike.GO_ON, 6, 128, 3);

    /// The response to a spike.
    public enum OnSpike {
        /// None: the step is taken.
        GO_ON,
        /// The step is skipped, and training continues with the next batch.
        SKIP,
        /// Training rolls back to the last state of `checkpoint.every_steps` and continues with the text after
        /// the batch; without such a state the step is skipped.
        ROLL_BACK
    }

    /// Checks the ranges.
    ///
    /// @throws dev.saiki.io.InputException if a value is out of range
    public StabilitySection {
        Problems.requireAll(
                () -> RecipeChecks.positive("stability.deviations", deviations),
                () -> RecipeChecks.atLeast(4, "stability.interval", interval),
                () -> RecipeChecks.that(interval <= 4096, "stability.interval", "at most 4096", interval),
                () -> RecipeChecks.atLeast(1, "stability.tries", tries));
    }

    /// Whether spike detection is on.
    ///
    /// @return false if every step is taken
    public boolean isOn() {
        return onSpike != OnSpike.GO_ON;
    }

    static StabilitySection read(SectionReader reader) {
        return new StabilitySection(
                reader.choice("on_spike", SectionReader.spellings(OnSpike.class), DEFAULT::onSpike),
                reader.number("deviations", DEFAULT.deviations),
                reader.smallInteger("interval", DEFAULT.interval),
                reader.smallInteger("tries", DEFAULT.tries));
    }

    void write(ObjectNode section) {
        section.put("on_spike", SectionReader.spelling(onSpike));
        section.put("deviations", deviations);
        section.put("interval", interval);
        section.put("tries", tries);
    }
}
