package dev.saiki.report.roi;

import dev.saiki.io.yaml.SectionReader;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A parser of a plan's YAML. Unknown keys are rejected with a suggestion, as in recipes.
final class RoiPlanReader {

    private static final int MAX_MONTHS = 240;

    private RoiPlanReader() {}

    static RoiPlan read(Path file, Optional<MeasuredTraffic> traffic) {
        return SectionReader.readFile(file, "plan", root -> plan(root, String.valueOf(file.getFileName()), traffic));
    }

    private static RoiPlan plan(SectionReader root, String fileName, Optional<MeasuredTraffic> traffic) {
        Map<Quantity, UncertainNumber> quantities = new EnumMap<>(Quantity.class);
        int months = root.smallInteger("months", 36);
        if (months < 1 || months > MAX_MONTHS) {
            root.complain("months must be from 1 to " + MAX_MONTHS + ", got " + months);
        }
        SectionReader volume = root.section("volume");
        int laterMonth = volume.smallInteger("later_month", Math.max(1, months));
        if (laterMonth < 1) {
            root.complain("volume.later_month must be at least 1, got " + laterMonth);
        }
        SectionReader candidate = root.section("candidate");
        Optional<String> errorGate = candidate.text("error_gate");
        Map<String, SectionReader> begun = Map.of("volume", volume, "candidate", candidate);
        for (String section : List.of("volume", "prices", "today", "candidate")) {
            SectionReader reader = begun.getOrDefault(section, root.section(section));
            reader.read(inside -> {
                Quantity.of(section)
                        .forEach(quantity ->
                                number(inside, quantity).ifPresent(value -> quantities.put(quantity, value)));
                return section;
            });
        }
        Map<Quantity, UncertainNumber> measured = traffic.map(found -> measured(root, quantities, found, errorGate))
                .orElseGet(Map::of);
        quantities.putAll(measured);
        if (measured.containsKey(Quantity.CANDIDATE_ERROR_DIFFERENCE)) {
            quantities.remove(Quantity.CANDIDATE_ERRORS);
        }
        List<RoiPlan.Step> steps = root.sections("steps", RoiPlanReader::step);
        RequiredValues.problems(quantities, steps).forEach(root::complain);
        requireSteps(root, steps, months);
        return new RoiPlan(
                root.text("name").orElse(fileName),
                root.text("currency").orElse("EUR"),
                months,
                laterMonth,
                quantities,
                steps,
                measured.keySet());
    }

    /// The measured values, which replace stated values.
    private static Map<Quantity, UncertainNumber> measured(
            SectionReader root,
            Map<Quantity, UncertainNumber> stated,
            MeasuredTraffic traffic,
            Optional<String> errorGate) {
        Map<Quantity, UncertainNumber> measured = new EnumMap<>(Quantity.class);
        traffic.tokensPerRequest().ifPresent(tokens -> measured.put(Quantity.TOKENS_PER_REQUEST, tokens));
        traffic.tokenRatio().ifPresent(ratio -> measured.put(Quantity.CANDIDATE_TOKEN_RATIO, ratio));
        // A ratio of times equals a ratio of machine costs only if both models run on equal machines, and a share of
        // FLOPs slows only a speed at full depth. A plan confirms either by stating a value.
        traffic.timeRatio()
                .filter(_ -> stated.containsKey(Quantity.CANDIDATE_TIME_RATIO))
                .ifPresent(ratio -> measured.put(Quantity.CANDIDATE_TIME_RATIO, ratio));
        traffic.flopsShare()
                .filter(_ -> stated.containsKey(Quantity.CANDIDATE_FLOPS_SHARE))
                .ifPresent(share -> measured.put(Quantity.CANDIDATE_FLOPS_SHARE, share));
        errorGate.ifPresent(gate -> Optional.ofNullable(traffic.differences().get(gate))
                .ifPresentOrElse(
                        difference -> measured.put(Quantity.CANDIDATE_ERROR_DIFFERENCE, difference),
                        () -> root.complain("candidate.error_gate must be one of the measured gates "
                                + traffic.differences().keySet().stream()
                                        .sorted()
                                        .toList() + ", got " + gate)));
        return measured;
    }

    private static Optional<UncertainNumber> number(SectionReader reader, Quantity quantity) {
        String key = quantity.inner();
        List<Double> values = reader.isList(key)
                ? reader.numbers(key)
                : reader.optionalNumber(key).stream().boxed().toList();
        Optional<UncertainNumber> number = switch (values.size()) {
            case 0 -> Optional.empty();
            case 1 -> Optional.of(UncertainNumber.of(values.getFirst()));
            case 2 ->
                Optional.of(new UncertainNumber(
                        values.getFirst(), (values.getFirst() + values.getLast()) / 2, values.getLast()));
            case 3 -> Optional.of(new UncertainNumber(values.getFirst(), values.get(1), values.getLast()));
            default -> {
                reader.complain(reader.pathOf(key) + " must be a number, [low, high] or [low, likely, high], got "
                        + values.size() + " numbers");
                yield Optional.empty();
            }
        };
        number.ifPresent(value -> requireOrdered(reader, key, value, quantity));
        return number;
    }

    private static void requireOrdered(SectionReader reader, String key, UncertainNumber value, Quantity quantity) {
        if (!(value.low() >= quantity.min()
                && !(quantity.isPositive() && value.low() == 0)
                && value.low() <= value.likely()
                && value.likely() <= value.high()
                && value.high() <= quantity.max())) {
            String least =
                    quantity.isPositive() && quantity.min() == 0 ? "above 0" : "at least " + (int) quantity.min();
            String most = quantity.isShare() ? " and at most 1" : "";
            reader.complain(reader.pathOf(key) + " must be " + least + most + ", a range from low to high, got ["
                    + value.low() + ", " + value.likely() + ", " + value.high() + "]");
        }
    }

    private static RoiPlan.Step step(SectionReader reader) {
        RoiPlan.Step step = new RoiPlan.Step(
                reader.text("name").orElse(""),
                reader.smallInteger("months", 0),
                stated(reader, "answered", "share of requests that the candidate answers"),
                stated(reader, "mirrored", "share of requests that both models answer"),
                reader.flag("today_off", false),
                stated(reader, "staff_hours", "one-time hours of work"),
                stated(reader, "machine_hours", "one-time hours of the candidate's machine"),
                stated(reader, "other_costs", "other one-time costs"));
        if (step.name().isBlank()) {
            reader.complain(reader.pathOf("name") + " must be the name of the step, got nothing");
        }
        if (step.months() < 0) {
            reader.complain(reader.pathOf("months") + " must be at least 0, got " + step.months());
        }
        requireShare(reader, "answered", step.answered());
        requireShare(reader, "mirrored", step.mirrored());
        boolean mayBeOff = step.answered() == 1 && step.mirrored() == 0;
        if (mayBeOff && !reader.has("today_off")) {
            reader.complain(reader.pathOf("today_off")
                    + " must be true or false: whether today's model is switched off, or kept for a retreat");
        }
        if (step.isTodayOff() && !mayBeOff) {
            reader.complain(reader.pathOf("today_off") + " must be false while today's model gets requests");
        }
        if (!(step.staffHours() >= 0 && step.machineHours() >= 0 && step.otherCosts() >= 0)) {
            reader.complain(reader.pathOf("staff_hours") + ", machine_hours and other_costs must be at least 0");
        }
        return step;
    }

    private static double stated(SectionReader reader, String key, String meaning) {
        if (!reader.has(key)) {
            reader.complain(RequiredValues.missing(reader.pathOf(key), true, meaning));
        }
        return reader.number(key, 0);
    }

    private static void requireShare(SectionReader reader, String key, double share) {
        if (!(share >= 0 && share <= 1)) {
            reader.complain(reader.pathOf(key) + " must be from 0 to 1, got " + share);
        }
    }

    private static void requireSteps(SectionReader root, List<RoiPlan.Step> steps, int months) {
        if (steps.isEmpty()) {
            root.complain("steps must have at least one step, as in examples/roi.yaml");
            return;
        }
        for (int i = 0; i + 1 < steps.size(); i++) {
            if (steps.get(i).months() == 0) {
                root.complain("steps[" + i + "].months must be at least 1 in each step but the last, got 0");
            }
        }
        long taken = steps.subList(0, steps.size() - 1).stream()
                .mapToLong(RoiPlan.Step::months)
                .sum();
        if (taken >= months) {
            root.complain(
                    "steps before the last one must take less than the plan's " + months + " months, got " + taken);
        }
    }
}
