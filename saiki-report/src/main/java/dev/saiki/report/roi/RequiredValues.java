package dev.saiki.report.roi;

import dev.saiki.report.Language;
import dev.saiki.report.Messages;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The values on which a plan's result depends. A missing one is a problem: 0 would claim that something is free.
/// Only a stated 0 makes other values unnecessary, such as the price of an error the error rates.
final class RequiredValues {

    private final Map<Quantity, UncertainNumber> stated;
    private final List<RoiPlan.Step> steps;
    private final List<String> problems = new ArrayList<>();

    private RequiredValues(Map<Quantity, UncertainNumber> stated, List<RoiPlan.Step> steps) {
        this.stated = stated;
        this.steps = steps;
    }

    /// Finds what is missing or contradictory.
    ///
    /// @param stated the values stated or measured
    /// @param steps the steps
    /// @return complete messages with the keys and what they mean; empty if nothing is missing
    static List<String> problems(Map<Quantity, UncertainNumber> stated, List<RoiPlan.Step> steps) {
        RequiredValues values = new RequiredValues(stated, steps);
        values.require(Quantity.VOLUME_NOW);
        values.serving(ModelSide.TODAY);
        values.serving(ModelSide.CANDIDATE);
        values.machines();
        values.staff();
        values.errors();
        return values.problems;
    }

    /// Asks for a key.
    ///
    /// @param key full path of the key
    /// @param mayBeZero whether 0 is allowed
    /// @param meaning what the key states
    static String missing(String key, boolean mayBeZero, String meaning) {
        return key + " must be stated, " + (mayBeZero ? "even if it is 0" : "above 0") + ": " + meaning;
    }

    private boolean has(Quantity quantity) {
        return stated.containsKey(quantity);
    }

    private boolean isNothing(Quantity quantity) {
        return has(quantity) && Objects.requireNonNull(stated.get(quantity)).high() == 0;
    }

    private void require(Quantity quantity) {
        if (!has(quantity)) {
            String meaning = Messages.in(Language.ENGLISH).format("roi." + quantity.key());
            problems.add(missing(quantity.key(), !quantity.isPositive(), meaning));
        }
    }

    /// Requires either a provider's price or the values of own machines.
    private void serving(ModelSide side) {
        if (side.isBought(stated)) {
            side.machines(stated).stream()
                    .filter(quantity -> has(quantity) && !isForSteps(quantity))
                    .forEach(quantity -> problems.add(side.perMillion.key() + " and " + quantity.key()
                            + " exclude each other: a provider or own machines"));
        } else if (side.machines(stated).stream().noneMatch(this::has)) {
            problems.add(side.perMillion.key() + " must be stated, or "
                    + side.machines(stated).stream().map(Quantity::key).collect(Collectors.joining(", "))
                    + ": what the model's answers cost");
        } else {
            side.machines(stated).forEach(this::require);
        }
        if (side == ModelSide.CANDIDATE) {
            ratios();
        }
    }

    private boolean usesMachines() {
        return steps.stream().anyMatch(step -> step.machineHours() > 0);
    }

    private boolean isForSteps(Quantity quantity) {
        return (quantity == Quantity.CANDIDATE_MACHINE_HOUR || quantity == Quantity.CANDIDATE_WATTS) && usesMachines();
    }

    private void ratios() {
        if (!has(Quantity.CANDIDATE_TIME_RATIO)) {
            require(Quantity.CANDIDATE_TOKEN_RATIO);
            return;
        }
        if (has(Quantity.CANDIDATE_SPEED)) {
            problems.add("candidate.time_ratio and candidate.tokens_per_second exclude each other; give one");
        }
        if (!has(Quantity.TODAY_SPEED)) {
            problems.add("candidate.time_ratio is relative to today.tokens_per_second, which must be above 0");
        }
    }

    /// Requires the machines of the steps, and the price of the energy of all machines.
    private void machines() {
        boolean usesMachines = usesMachines();
        if (usesMachines) {
            require(Quantity.CANDIDATE_MACHINE_HOUR);
            require(Quantity.CANDIDATE_WATTS);
        }
        boolean needsEnergy = Stream.of(ModelSide.values())
                .filter(side -> !side.isBought(stated) || (side == ModelSide.CANDIDATE && usesMachines))
                .anyMatch(side -> !isNothing(side.watts));
        if (needsEnergy) {
            require(Quantity.KILOWATT_HOUR);
        }
    }

    private void staff() {
        if (isNothing(Quantity.STAFF_HOUR)) {
            return;
        }
        require(Quantity.TODAY_STAFF);
        require(Quantity.CANDIDATE_STAFF);
        boolean works = steps.stream().anyMatch(step -> step.staffHours() > 0);
        if (works || !isNothing(Quantity.TODAY_STAFF) || !isNothing(Quantity.CANDIDATE_STAFF)) {
            require(Quantity.STAFF_HOUR);
        }
    }

    private void errors() {
        boolean hasDifference = has(Quantity.CANDIDATE_ERROR_DIFFERENCE);
        if (hasDifference && has(Quantity.CANDIDATE_ERRORS)) {
            problems.add("candidate.error_rate and candidate.error_difference exclude each other; give one");
        }
        if (isNothing(Quantity.ERROR)) {
            return;
        }
        Quantity candidate = hasDifference ? Quantity.CANDIDATE_ERROR_DIFFERENCE : Quantity.CANDIDATE_ERRORS;
        require(Quantity.TODAY_ERRORS);
        require(candidate);
        if (!isNothing(Quantity.TODAY_ERRORS) || !isNothing(candidate)) {
            require(Quantity.ERROR);
            require(Quantity.TOKENS_PER_REQUEST);
        }
    }
}
