package dev.saiki.report.roi;

import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/// A plan for a change of models: today's model, the candidate, and the steps between them.
///
/// @param name of the plan
/// @param currency of all prices, such as `EUR`
/// @param months how far costs are reckoned
/// @param laterMonth month, from 1, in which the volume has grown to the later one
/// @param quantities the numbers, each with its interval; what is left out is 0
/// @param steps in order; the last one goes on to the end
/// @param measured the quantities that are not as stated, but as a gateway measured them
public record RoiPlan(
        String name,
        String currency,
        int months,
        int laterMonth,
        Map<Quantity, UncertainNumber> quantities,
        List<Step> steps,
        Set<Quantity> measured) {

    /// Keeps its own copies; quantities in the order of their declaration.
    public RoiPlan {
        quantities = Collections.unmodifiableMap(new TreeMap<>(quantities));
        steps = List.copyOf(steps);
        measured = Collections.unmodifiableSet(new TreeSet<>(measured));
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
        return RoiPlanReader.read(file, Optional.empty());
    }

    /// Reads a plan, and puts what was measured in the place of what it states.
    ///
    /// @param file a YAML file, whose `candidate.error_gate` names the gate that tells wrong answers, and
    ///     whose `candidate.speed_at_full_depth` says that its tokens per second are those at full depth
    /// @param measured on live traffic
    /// @return the plan
    /// @throws dev.saiki.io.InputException naming all that is wrong with it
    public static RoiPlan read(Path file, MeasuredTraffic measured) {
        return RoiPlanReader.read(file, Optional.of(measured));
    }
}
