package dev.saiki.report.roi;

import java.util.List;
import java.util.Map;

/// One of the two models of a plan, with the quantities that state its cost.
enum ModelSide {
    /// Today's model.
    TODAY(
            Quantity.TODAY_PER_MILLION,
            Quantity.TODAY_MACHINE_HOUR,
            Quantity.TODAY_SPEED,
            Quantity.TODAY_UTILISATION,
            Quantity.TODAY_WATTS),
    /// The candidate.
    CANDIDATE(
            Quantity.CANDIDATE_PER_MILLION,
            Quantity.CANDIDATE_MACHINE_HOUR,
            Quantity.CANDIDATE_SPEED,
            Quantity.CANDIDATE_UTILISATION,
            Quantity.CANDIDATE_WATTS);

    final Quantity perMillion;
    final Quantity machineHour;
    final Quantity speed;
    final Quantity utilisation;
    final Quantity watts;

    ModelSide(Quantity perMillion, Quantity machineHour, Quantity speed, Quantity utilisation, Quantity watts) {
        this.perMillion = perMillion;
        this.machineHour = machineHour;
        this.speed = speed;
        this.utilisation = utilisation;
        this.watts = watts;
    }

    /// Whether a provider is paid for each token, rather than machines for each hour.
    boolean isBought(Map<Quantity, ?> values) {
        return values.containsKey(perMillion);
    }

    /// The quantity that states how fast the model's machines work: the candidate's may be relative to today's.
    Quantity pace(Map<Quantity, ?> values) {
        return this == CANDIDATE && values.containsKey(Quantity.CANDIDATE_TIME_RATIO)
                ? Quantity.CANDIDATE_TIME_RATIO
                : speed;
    }

    /// The quantities of the model's own machines.
    List<Quantity> machines(Map<Quantity, ?> values) {
        return List.of(machineHour, pace(values), utilisation, watts);
    }
}
