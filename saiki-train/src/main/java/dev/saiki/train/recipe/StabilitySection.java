package dev.saiki.train.recipe;

import dev.saiki.io.Problems;
import dev.saiki.io.yaml.SectionReader;
import tools.jackson.databind.node.ObjectNode;

/// Recipe section `stability`: what happens when a batch's loss or gradient norm spikes.
///
/// A step is a spike if its loss or the length of its gradient is more than so many standard deviations
/// above the mean of the steps before it, or no number. That is the rule of OLMo-core's optimizers that
/// skip steps, and its numbers are the defaults (github.com/allenai/OLMo-core, skip_step_optimizer.py).
///
/// @param onSpike what is done about one
/// @param deviations standard deviations above the mean that are too many
/// @param interval steps whose mean and deviation are taken; half of them must be there before anything stands out
/// @param tries spikes in a row that are borne; at the next one the run ends
public record StabilitySection(OnSpike onSpike, double deviations, int interval, int tries) {

    /// Nothing is looked for, and only what is not a number ends the run.
    public static final StabilitySection DEFAULT = new StabilitySection(OnSpike.GO_ON, 6, 128, 3);

    /// The answer to a spike.
    public enum OnSpike {
        /// None: the step is taken.
        GO_ON,
        /// The step is skipped, and training continues with the next batch.
        SKIP,
        /// Training goes back to the last state of `checkpoint.every_steps`, and on from there with the
        /// text behind the batch; without such a state the step is not taken.
        ROLL_BACK
    }

    /// Checks the ranges.
    ///
    /// @throws dev.saiki.io.InputException if a value is out of its range
    public StabilitySection {
        Problems.requireAll(
                () -> RecipeChecks.positive("stability.deviations", deviations),
                () -> RecipeChecks.atLeast(4, "stability.interval", interval),
                () -> RecipeChecks.that(interval <= 4096, "stability.interval", "at most 4096", interval),
                () -> RecipeChecks.atLeast(1, "stability.tries", tries));
    }

    /// Whether spikes are looked for.
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
