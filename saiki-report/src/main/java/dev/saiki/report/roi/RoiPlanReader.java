package dev.saiki.report.roi;

import dev.saiki.io.yaml.SectionReader;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

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
        boolean isAtFullDepth = candidate.flag("speed_at_full_depth", false);
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
        quantities.putIfAbsent(
                Quantity.VOLUME_LATER, quantities.getOrDefault(Quantity.VOLUME_NOW, UncertainNumber.of(0)));
        Map<Quantity, UncertainNumber> measured = traffic.map(
                        found -> measured(root, quantities, found, errorGate, isAtFullDepth))
                .orElseGet(Map::of);
        quantities.putAll(measured);
        requireCosts(root, quantities);
        List<RoiPlan.Step> steps = root.sections("steps", RoiPlanReader::step);
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
            Optional<String> errorGate,
            boolean isAtFullDepth) {
        Map<Quantity, UncertainNumber> measured = new EnumMap<>(Quantity.class);
        traffic.tokensPerRequest().ifPresent(tokens -> measured.put(Quantity.TOKENS_PER_REQUEST, tokens));
        traffic.tokenRatio().ifPresent(ratio -> measured.put(Quantity.CANDIDATE_TOKEN_RATIO, ratio));
        // A ratio of times equals a ratio of machine costs only if both models run on equal machines. A plan
        // confirms this by stating a ratio.
        traffic.timeRatio()
                .filter(_ -> stated.containsKey(Quantity.CANDIDATE_TIME_RATIO))
                .ifPresent(ratio -> measured.put(Quantity.CANDIDATE_TIME_RATIO, ratio));
        errorGate.ifPresent(gate -> {
            UncertainNumber today = stated.getOrDefault(Quantity.TODAY_ERRORS, UncertainNumber.of(0));
            Optional.ofNullable(traffic.differences().get(gate))
                    .ifPresentOrElse(
                            difference -> measured.put(Quantity.CANDIDATE_ERRORS, today.plus(difference)),
                            () -> root.complain("candidate.error_gate must be one of the measured gates "
                                    + traffic.differences().keySet().stream()
                                            .sorted()
                                            .toList()
                                    + ", got " + gate));
        });
        Optional.ofNullable(stated.get(Quantity.CANDIDATE_SPEED))
                .filter(_ -> isAtFullDepth)
                .ifPresent(speed -> traffic.flopsShare()
                        .ifPresent(share -> measured.put(Quantity.CANDIDATE_SPEED, speed.over(share))));
        return measured;
    }

    private static Optional<UncertainNumber> number(SectionReader reader, Quantity quantity) {
        String key = quantity.inner();
        List<Double> values = reader.isList(key) ? reader.numbers(key) : List.of();
        Optional<UncertainNumber> number = switch (values.size()) {
            case 0 ->
                reader.isList(key)
                        ? Optional.empty()
                        : reader.optionalNumber(key).stream()
                                .mapToObj(UncertainNumber::of)
                                .findFirst();
            case 2 ->
                Optional.of(new UncertainNumber(
                        values.getFirst(),
                        (values.getFirst() + values.getLast()) / 2,
                        values.getLast(),
                        UncertainNumber.Shape.UNIFORM));
            case 3 ->
                Optional.of(new UncertainNumber(
                        values.getFirst(), values.get(1), values.getLast(), UncertainNumber.Shape.TRIANGULAR));
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
        double max = quantity.isShare() ? 1 : Double.MAX_VALUE;
        if (!(value.low() >= 0
                && value.low() <= value.likely()
                && value.likely() <= value.high()
                && value.high() <= max)) {
            reader.complain(reader.pathOf(key) + " must be " + (quantity.isShare() ? "from 0 to 1" : "at least 0")
                    + ", a range from low to high, got [" + value.low() + ", " + value.likely() + ", " + value.high()
                    + "]");
        }
    }

    /// Requires that each model is paid per token, or runs on machines of a known speed.
    private static void requireCosts(SectionReader root, Map<Quantity, UncertainNumber> quantities) {
        if (!isPositive(quantities, Quantity.VOLUME_NOW)) {
            root.complain("volume.now must be above 0, in tokens per month");
        }
        for (String section : List.of("today", "candidate")) {
            Map<String, Quantity> own = new HashMap<>();
            Quantity.of(section).forEach(quantity -> own.put(quantity.inner(), quantity));
            boolean bought = has(quantities, own.get("price_per_million"));
            boolean runs = (isPositive(quantities, own.get("tokens_per_second"))
                            || isPositive(quantities, own.get("time_ratio")))
                    && isPositive(quantities, own.get("utilisation"));
            if (!bought && !runs) {
                String speed = own.containsKey("time_ratio") ? "tokens_per_second or time_ratio" : "tokens_per_second";
                root.complain(section + " must have price_per_million, or a speed (" + speed
                        + ") and utilisation, both above 0");
            }
            boolean hasMachine = has(quantities, own.get("machine_hour")) || has(quantities, own.get("watts"));
            if (bought && hasMachine && !runs) {
                root.complain(section + ".machine_hour and watts need a speed and utilisation, both above 0");
            }
        }
        requireRatios(root, quantities);
        boolean hasErrors = quantities.containsKey(Quantity.ERROR);
        if (hasErrors && !isPositive(quantities, Quantity.TOKENS_PER_REQUEST)) {
            root.complain("prices.error needs volume.tokens_per_request above 0, to count the answers");
        }
    }

    private static void requireRatios(SectionReader root, Map<Quantity, UncertainNumber> quantities) {
        for (Quantity ratio : List.of(Quantity.CANDIDATE_TOKEN_RATIO, Quantity.CANDIDATE_TIME_RATIO)) {
            if (quantities.containsKey(ratio) && !isPositive(quantities, ratio)) {
                root.complain(ratio.key() + " must be above 0; 1 means equal to today's model");
            }
        }
        if (quantities.containsKey(Quantity.CANDIDATE_TIME_RATIO)) {
            if (quantities.containsKey(Quantity.CANDIDATE_SPEED)) {
                root.complain("candidate.time_ratio and candidate.tokens_per_second exclude each other; give one");
            }
            if (!isPositive(quantities, Quantity.TODAY_SPEED)) {
                root.complain("candidate.time_ratio is relative to today.tokens_per_second, which must be above 0");
            }
        }
    }

    private static boolean isPositive(Map<Quantity, UncertainNumber> quantities, @Nullable Quantity quantity) {
        @Nullable UncertainNumber value = quantity == null ? null : quantities.get(quantity);
        return value != null && value.low() > 0;
    }

    private static boolean has(Map<Quantity, UncertainNumber> quantities, @Nullable Quantity quantity) {
        return quantity != null && quantities.containsKey(quantity);
    }

    private static RoiPlan.Step step(SectionReader reader) {
        RoiPlan.Step step = new RoiPlan.Step(
                reader.text("name").orElse(""),
                reader.smallInteger("months", 0),
                reader.number("answered", 0),
                reader.number("mirrored", 0),
                reader.number("staff_hours", 0),
                reader.number("machine_hours", 0),
                reader.number("other_costs", 0));
        if (step.name().isBlank()) {
            reader.complain(reader.pathOf("name") + " must be the name of the step, got nothing");
        }
        if (step.months() < 0) {
            reader.complain(reader.pathOf("months") + " must be at least 0, got " + step.months());
        }
        requireShare(reader, "answered", step.answered());
        requireShare(reader, "mirrored", step.mirrored());
        if (!(step.staffHours() >= 0 && step.machineHours() >= 0 && step.otherCosts() >= 0)) {
            reader.complain(reader.pathOf("staff_hours") + ", machine_hours and other_costs must be at least 0");
        }
        return step;
    }

    private static void requireShare(SectionReader reader, String key, double share) {
        if (!(share >= 0 && share <= 1)) {
            reader.complain(reader.pathOf(key) + " must be from 0 to 1, got " + share);
        }
    }

    private static void requireSteps(SectionReader root, List<RoiPlan.Step> steps, int months) {
        if (steps.isEmpty()) {
            root.complain("steps must have at least one step, such as {name: full, answered: 1}");
            return;
        }
        int taken = steps.subList(0, steps.size() - 1).stream()
                .mapToInt(RoiPlan.Step::months)
                .sum();
        if (taken >= months) {
            root.complain(
                    "steps before the last one must take less than the plan's " + months + " months, got " + taken);
        }
    }
}
