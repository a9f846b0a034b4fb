package dev.saiki.report.roi;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// A plan of a change of models: what is known of today's model and of the candidate, and the steps from
/// one to the other.
///
/// @param name of the plan
/// @param currency of all prices, such as `EUR`
/// @param months how far costs are reckoned
/// @param laterMonth month, from 1, in which the volume has grown to the later one
/// @param quantities the numbers, each with its interval; what is left out is 0
/// @param steps in order; the last one goes on to the end
public record RoiPlan(
        String name,
        String currency,
        int months,
        int laterMonth,
        Map<Quantity, UncertainNumber> quantities,
        List<Step> steps) {

    /// Keeps its own copies; quantities in the order of their declaration.
    public RoiPlan {
        quantities = Collections.unmodifiableMap(new TreeMap<>(quantities));
        steps = List.copyOf(steps);
    }

    /// A step of the change.
    ///
    /// @param name what it is called
    /// @param months how long it takes; of the last one, all that is left
    /// @param answered share of the requests that the candidate answers
    /// @param mirrored share of the requests that the other model is asked too
    /// @param staffHours hours of work that the step takes once
    /// @param machineHours hours of the candidate's machine that it takes once, such as for a training
    /// @param otherCosts what else it costs once
    public record Step(
            String name,
            int months,
            double answered,
            double mirrored,
            double staffHours,
            double machineHours,
            double otherCosts) {}

    /// Reads a plan.
    ///
    /// @param file a YAML file
    /// @return the plan
    /// @throws dev.saiki.io.InputException naming all that is wrong with it
    public static RoiPlan read(Path file) {
        return RoiPlanReader.read(file);
    }
}
