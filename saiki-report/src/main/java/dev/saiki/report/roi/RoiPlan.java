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
/// @param name name of the plan
/// @param currency the currency of all prices, such as `EUR`
/// @param months number of months in the analysis
/// @param laterMonth the month, from 1, in which the volume of requests reaches the later volume
/// @param quantities the numbers, each with its range; complete, except for numbers that do not change the
///     result
/// @param steps the steps in order; the last step lasts to the end
/// @param measured the quantities whose stated values were replaced by the gateway's measurements
public record RoiPlan(
        String name,
        String currency,
        int months,
        int laterMonth,
        Map<Quantity, UncertainNumber> quantities,
        List<Step> steps,
        Set<Quantity> measured) {

    /// Copies the collections, with quantities in the order of their declaration.
    public RoiPlan {
        quantities = Collections.unmodifiableMap(new TreeMap<>(quantities));
        steps = List.copyOf(steps);
        measured = Collections.unmodifiableSet(new TreeSet<>(measured));
    }

    /// A step of the change.
    ///
    /// @param name name of the step
    /// @param months duration in months; for the last step, all remaining months
    /// @param answered share of the requests that the candidate answers
    /// @param mirrored share of the requests that is also sent to the model that does not answer them
    /// @param isTodayOff whether today's model is switched off, so that neither its machines nor its people cost
    ///     anything
    /// @param staffHours one-time hours of work for the step
    /// @param machineHours one-time hours of the candidate's machine, for example for a training
    /// @param otherCosts other one-time costs
    public record Step(
            String name,
            int months,
            double answered,
            double mirrored,
            boolean isTodayOff,
            double staffHours,
            double machineHours,
            double otherCosts) {

        /// No step: today's model answers all requests.
        static final Step NONE = new Step("", 0, 0, 0, false, 0, 0, 0);
    }

    /// Reads a plan.
    ///
    /// @param file a YAML file
    /// @return the plan
    /// @throws dev.saiki.io.InputException that names all errors
    public static RoiPlan read(Path file) {
        return RoiPlanReader.read(file, Optional.empty());
    }

    /// Reads a plan, and replaces its stated values by measured values where these exist.
    ///
    /// @param file a YAML file, in which `candidate.error_gate` names the gate that detects wrong answers, and
    ///     `candidate.flops_share` states that the tokens per second were measured at full depth
    /// @param measured figures measured on live traffic
    /// @return the plan
    /// @throws dev.saiki.io.InputException that names all errors
    public static RoiPlan read(Path file, MeasuredTraffic measured) {
        return RoiPlanReader.read(file, Optional.of(measured));
    }
}
