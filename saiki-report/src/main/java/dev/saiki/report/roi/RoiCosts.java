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
    /// @param values the numbers; missing numbers are 0
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
                double stay = monthly(values, volume, 0, 0);
                double change = monthly(values, volume, step.answered(), step.mirrored());
                staying.add(stay);
                // The one-time cost of a step is due in its first month.
                changing.add(change + (m == 0 ? once : 0));
                running += change;
                without += stay;
            }
            if (months == 0 && !changing.isEmpty()) {
                changing.set(changing.size() - 1, changing.getLast() + once);
            }
            steps.add(new StepCost(step.name(), months, once, running, without));
        }
        return new RoiCosts(staying, changing, steps);
    }

    /// The model that serves a request.
    private enum ModelSide {
        TODAY(
                Quantity.TODAY_PER_MILLION,
                Quantity.TODAY_MACHINE_HOUR,
                Quantity.TODAY_SPEED,
                Quantity.TODAY_UTILISATION,
                Quantity.TODAY_WATTS),
        CANDIDATE(
                Quantity.CANDIDATE_PER_MILLION,
                Quantity.CANDIDATE_MACHINE_HOUR,
                Quantity.CANDIDATE_SPEED,
                Quantity.CANDIDATE_UTILISATION,
                Quantity.CANDIDATE_WATTS);

        private final Quantity perMillion;
        private final Quantity machineHour;
        private final Quantity speed;
        private final Quantity utilisation;
        private final Quantity watts;

        ModelSide(Quantity perMillion, Quantity machineHour, Quantity speed, Quantity utilisation, Quantity watts) {
            this.perMillion = perMillion;
            this.machineHour = machineHour;
            this.speed = speed;
            this.utilisation = utilisation;
            this.watts = watts;
        }
    }

    private static double volume(RoiPlan plan, Map<Quantity, Double> values, int month) {
        double now = value(values, Quantity.VOLUME_NOW);
        double later = value(values, Quantity.VOLUME_LATER);
        double share = plan.laterMonth() == 1 ? 1 : Math.min(1, (month - 1.0) / (plan.laterMonth() - 1));
        return now + share * (later - now);
    }

    /// A model costs money while it answers requests or receives mirrored ones.
    private static double monthly(Map<Quantity, Double> values, double volume, double answered, double mirrored) {
        double candidate = volume * (answered + mirrored * (1 - answered));
        double today = volume * (1 - answered + mirrored * answered);
        double cost = tokens(values, ModelSide.TODAY, today) + tokens(values, ModelSide.CANDIDATE, candidate);
        double hours = (today > 0 ? value(values, Quantity.TODAY_STAFF) : 0)
                + (candidate > 0 ? value(values, Quantity.CANDIDATE_STAFF) : 0);
        cost += hours * value(values, Quantity.STAFF_HOUR);
        double perRequest = value(values, Quantity.TOKENS_PER_REQUEST);
        if (perRequest > 0) {
            double wrong = (1 - answered) * value(values, Quantity.TODAY_ERRORS)
                    + answered * value(values, Quantity.CANDIDATE_ERRORS);
            cost += volume / perRequest * wrong * value(values, Quantity.ERROR);
        }
        return cost;
    }

    /// The cost of serving text with one of the models. The number of tokens is counted by today's model; the
    /// candidate may need another number of tokens for the same text.
    private static double tokens(Map<Quantity, Double> values, ModelSide side, double tokens) {
        boolean isCandidate = side == ModelSide.CANDIDATE;
        double own = tokens * (isCandidate ? values.getOrDefault(Quantity.CANDIDATE_TOKEN_RATIO, 1.0) : 1);
        double cost = own / MILLION * value(values, side.perMillion);
        double utilisation = value(values, side.utilisation);
        double speed = value(values, side.speed) * utilisation;
        double seconds = speed > 0 ? own / speed : 0;
        double timeRatio = isCandidate ? value(values, Quantity.CANDIDATE_TIME_RATIO) : 0;
        double like = value(values, Quantity.TODAY_SPEED) * utilisation;
        if (timeRatio > 0 && like > 0) {
            seconds = timeRatio * tokens / like;
        }
        return cost + seconds / SECONDS_PER_HOUR * machineHour(values, side);
    }

    /// The cost of the candidate's answer relative to today's model's answer, counting tokens, machines and
    /// energy. NaN if today's answers cost nothing.
    static double answerRatio(Map<Quantity, Double> values) {
        double today = tokens(values, ModelSide.TODAY, MILLION);
        return today > 0 ? tokens(values, ModelSide.CANDIDATE, MILLION) / today : Double.NaN;
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
