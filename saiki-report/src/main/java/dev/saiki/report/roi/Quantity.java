package dev.saiki.report.roi;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/// A quantity in a plan for a change of models.
public enum Quantity {
    /// Tokens per month at the start.
    VOLUME_NOW("volume.now"),
    /// Tokens per month after the change of volume.
    VOLUME_LATER("volume.later"),
    /// Tokens in a request and its answer.
    TOKENS_PER_REQUEST("volume.tokens_per_request"),
    /// Price per hour of work.
    STAFF_HOUR("prices.staff_hour"),
    /// Price of a kilowatt hour.
    KILOWATT_HOUR("prices.kilowatt_hour"),
    /// Cost of a wrong answer.
    ERROR("prices.error"),
    /// Price per million tokens at today's provider.
    TODAY_PER_MILLION("today.price_per_million"),
    /// Price per hour of today's machine.
    TODAY_MACHINE_HOUR("today.machine_hour"),
    /// Tokens that today's machine reads and writes per second.
    TODAY_SPEED("today.tokens_per_second"),
    /// Utilisation of today's machine.
    TODAY_UTILISATION("today.utilisation"),
    /// Power of today's machine in watts.
    TODAY_WATTS("today.watts"),
    /// Hours of work per month for today's model.
    TODAY_STAFF("today.staff_hours"),
    /// Share of wrong answers of today's model.
    TODAY_ERRORS("today.error_rate"),
    /// Price per million tokens of the candidate, if a provider runs it.
    CANDIDATE_PER_MILLION("candidate.price_per_million"),
    /// Price per hour of the candidate's machine.
    CANDIDATE_MACHINE_HOUR("candidate.machine_hour"),
    /// Tokens that the candidate reads and writes per second.
    CANDIDATE_SPEED("candidate.tokens_per_second"),
    /// The candidate's tokens per token of today's model, for the same request and answer.
    CANDIDATE_TOKEN_RATIO("candidate.token_ratio"),
    /// Hours of machine time that the candidate takes for what takes today's model one hour.
    CANDIDATE_TIME_RATIO("candidate.time_ratio"),
    /// The candidate's FLOPs as a share of its FLOPs at full depth; the stated speed is then that at full depth.
    CANDIDATE_FLOPS_SHARE("candidate.flops_share"),
    /// Utilisation of the candidate's machine.
    CANDIDATE_UTILISATION("candidate.utilisation"),
    /// Power of the candidate's machine in watts.
    CANDIDATE_WATTS("candidate.watts"),
    /// Hours of work per month for the candidate.
    CANDIDATE_STAFF("candidate.staff_hours"),
    /// Share of wrong answers of the candidate.
    CANDIDATE_ERRORS("candidate.error_rate"),
    /// Share of wrong answers of the candidate minus that of today's model.
    CANDIDATE_ERROR_DIFFERENCE("candidate.error_difference");

    /// The quantities that divide, or that must not be 0 for another reason.
    private static final Set<Quantity> POSITIVE = EnumSet.of(
            VOLUME_NOW,
            TOKENS_PER_REQUEST,
            TODAY_SPEED,
            TODAY_UTILISATION,
            CANDIDATE_SPEED,
            CANDIDATE_TOKEN_RATIO,
            CANDIDATE_TIME_RATIO,
            CANDIDATE_FLOPS_SHARE,
            CANDIDATE_UTILISATION);

    private final String key;

    Quantity(String key) {
        this.key = key;
    }

    /// Returns the key in the plan.
    ///
    /// @return a key such as `volume.now`
    public String key() {
        return key;
    }

    /// The section of the plan.
    String section() {
        return key.substring(0, key.indexOf('.'));
    }

    /// The key inside the section.
    String inner() {
        return key.substring(key.indexOf('.') + 1);
    }

    /// Whether the quantity must be above 0.
    boolean isPositive() {
        return POSITIVE.contains(this);
    }

    /// The least possible value.
    double min() {
        return switch (this) {
            case CANDIDATE_ERROR_DIFFERENCE -> -1;
            case TOKENS_PER_REQUEST -> 1;
            default -> 0;
        };
    }

    /// The greatest possible value.
    double max() {
        return isShare() ? 1 : Double.MAX_VALUE;
    }

    /// Whether the quantity is a share, or a difference of shares.
    boolean isShare() {
        return inner().matches("utilisation|flops_share|error_rate|error_difference");
    }

    /// The quantities of a section.
    static List<Quantity> of(String section) {
        return Arrays.stream(values())
                .filter(quantity -> quantity.section().equals(section))
                .toList();
    }
}
