package dev.saiki.report.roi;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The costs, month by month and at given values, of keeping today's model and of changing to the candidate.
///
/// @param staying cost of each month with today's model
/// @param changing cost of each month with the change to the candidate
/// @param steps cost of each step, in order
public record RoiCosts(List<Double> staying, List<Double> changing, List<StepCost> steps) {

    private static final double MILLION = 1e6;
    private static final double SECONDS_PER_HOUR = 3600;
    private static final double WATTS_PER_KILOWATT = 1000;

    /// Copies the lists.
    public RoiCosts {
        staying = List.copyOf(staying);
        changing = List.copyOf(changing);
        steps = List.copyOf(steps);
    }

    /// The cost of a step.
    ///
    /// @param name name of the step
    /// @param months duration of the step
    /// @param once one-time cost of the step: people, machines, and other
    /// @param running cost of both models during the step, including wrong answers
    /// @param staying cost of staying with today's model in the same months
    public record StepCost(String name, int months, double once, double running, double staying) {

        /// Returns the saving of the step.
        ///
        /// @return the cost of staying minus all costs of the step
        public double saving() {
            return staying - running - once;
        }
    }

    /// Computes the costs of a plan.
    ///
    /// @param plan plan with the months and steps
    /// @param values the numbers, complete except for those that change nothing
    static RoiCosts of(RoiPlan plan, Map<Quantity, Double> values) {
        List<Double> staying = new ArrayList<>();
        List<Double> changing = new ArrayList<>();
        List<StepCost> steps = new ArrayList<>();
        int month = 1;
        for (int i = 0; i < plan.steps().size(); i++) {
            RoiPlan.Step step = plan.steps().get(i);
            boolean isLast = i + 1 == plan.steps().size();
            int months = isLast ? plan.months() - month + 1 : step.months();
            double once = step.staffHours() * value(values, Quantity.STAFF_HOUR)
                    + step.machineHours() * machineHour(values, ModelSide.CANDIDATE)
                    + step.otherCosts();
            double running = 0;
            double without = 0;
            for (int m = 0; m < months; m++, month++) {
                double volume = volume(plan, values, month);
                double stay = monthly(values, volume, RoiPlan.Step.NONE);
                double change = monthly(values, volume, step);
                staying.add(stay);
                // The one-time cost of a step is due in its first month.
                changing.add(change + (m == 0 ? once : 0));
                running += change;
                without += stay;
            }
            steps.add(new StepCost(step.name(), months, once, running, without));
        }
        return new RoiCosts(staying, changing, steps);
    }

    private static double volume(RoiPlan plan, Map<Quantity, Double> values, int month) {
        double now = value(values, Quantity.VOLUME_NOW);
        double later = values.getOrDefault(Quantity.VOLUME_LATER, now);
        double share = plan.laterMonth() == 1 ? 1 : Math.min(1, (month - 1.0) / (plan.laterMonth() - 1));
        return now + share * (later - now);
    }

    /// The candidate costs money while it answers requests or receives mirrored ones. Today's model costs money
    /// until it is switched off: a provider is paid for the requests sent, but own machines and people are kept for
    /// all traffic, which a retreat returns at once.
    private static double monthly(Map<Quantity, Double> values, double volume, RoiPlan.Step step) {
        double answered = step.answered();
        double candidate = volume * (answered + step.mirrored() * (1 - answered));
        double cost = serving(values, ModelSide.CANDIDATE, candidate);
        double hours = candidate > 0 ? value(values, Quantity.CANDIDATE_STAFF) : 0;
        if (!step.isTodayOff()) {
            double sent = volume * (1 - answered + step.mirrored() * answered);
            cost += serving(values, ModelSide.TODAY, ModelSide.TODAY.isBought(values) ? sent : volume);
            hours += value(values, Quantity.TODAY_STAFF);
        }
        cost += hours * value(values, Quantity.STAFF_HOUR);
        // Without a length of requests, errors are stated to cost nothing.
        double requests = volume / values.getOrDefault(Quantity.TOKENS_PER_REQUEST, Double.POSITIVE_INFINITY);
        double wrong = (1 - answered) * value(values, Quantity.TODAY_ERRORS) + answered * candidateErrors(values);
        return cost + requests * wrong * value(values, Quantity.ERROR);
    }

    private static double candidateErrors(Map<Quantity, Double> values) {
        return values.containsKey(Quantity.CANDIDATE_ERROR_DIFFERENCE)
                ? Math.clamp(
                        value(values, Quantity.TODAY_ERRORS) + value(values, Quantity.CANDIDATE_ERROR_DIFFERENCE), 0, 1)
                : value(values, Quantity.CANDIDATE_ERRORS);
    }

    /// The cost of serving text with one of the models. The number of tokens is counted by today's model; the
    /// candidate may need another number of tokens for the same text.
    private static double serving(Map<Quantity, Double> values, ModelSide side, double tokens) {
        double own =
                tokens * (side == ModelSide.CANDIDATE ? values.getOrDefault(Quantity.CANDIDATE_TOKEN_RATIO, 1.0) : 1);
        if (side.isBought(values)) {
            return own / MILLION * value(values, side.perMillion);
        }
        double seconds;
        if (side.pace(values) == Quantity.CANDIDATE_TIME_RATIO) {
            seconds = tokens / value(values, Quantity.TODAY_SPEED) * value(values, Quantity.CANDIDATE_TIME_RATIO);
        } else {
            double share = side == ModelSide.CANDIDATE ? values.getOrDefault(Quantity.CANDIDATE_FLOPS_SHARE, 1.0) : 1;
            seconds = own / value(values, side.speed) * share;
        }
        return seconds / value(values, side.utilisation) / SECONDS_PER_HOUR * machineHour(values, side);
    }

    /// The cost of the candidate's answer relative to today's model's answer, counting tokens, machines and
    /// energy. NaN if today's answers cost nothing.
    static double answerRatio(Map<Quantity, Double> values) {
        double today = serving(values, ModelSide.TODAY, MILLION);
        return today > 0 ? serving(values, ModelSide.CANDIDATE, MILLION) / today : Double.NaN;
    }

    private static double machineHour(Map<Quantity, Double> values, ModelSide side) {
        return value(values, side.machineHour)
                + value(values, side.watts) / WATTS_PER_KILOWATT * value(values, Quantity.KILOWATT_HOUR);
    }

    private static double value(Map<Quantity, Double> values, Quantity quantity) {
        return values.getOrDefault(quantity, 0.0);
    }

    /// The saving over all months.
    double saving() {
        return totalStaying() - totalChanging();
    }

    /// Sums the cost of staying.
    ///
    /// @return the sum over all months
    public double totalStaying() {
        return sum(staying);
    }

    /// Sums the cost of changing.
    ///
    /// @return the sum over all months
    public double totalChanging() {
        return sum(changing);
    }

    private static double sum(List<Double> costs) {
        return costs.stream().mapToDouble(Double::doubleValue).sum();
    }

    /// Computes the cumulative saving.
    ///
    /// @return the saving by the end of each month
    public List<Double> ahead() {
        List<Double> ahead = new ArrayList<>();
        double sum = 0;
        for (int i = 0; i < changing.size(); i++) {
            sum += staying.get(i) - changing.get(i);
            ahead.add(sum);
        }
        return List.copyOf(ahead);
    }

    /// Finds the first month, from 1, after which the cumulative cost of changing never again exceeds the
    /// cumulative cost of staying.
    ///
    /// @return the month; empty if there is no such month
    public Optional<Integer> breakEven() {
        List<Double> ahead = ahead();
        int month = ahead.size();
        while (month > 0 && ahead.get(month - 1) >= 0) {
            month--;
        }
        return month == ahead.size() ? Optional.empty() : Optional.of(month + 1);
    }
}
