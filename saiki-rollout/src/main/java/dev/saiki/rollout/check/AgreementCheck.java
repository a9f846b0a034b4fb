package dev.saiki.rollout.check;

import dev.saiki.rollout.pair.Outcome;
import java.text.Normalizer;
import java.util.Locale;
import java.util.OptionalDouble;

/// A check for agreement with the baseline: a different answer has loss 1. Tool calls must agree in name and
/// arguments.
///
/// @param normalised whether to ignore differences in case, spaces, punctuation and Unicode compatibility
///     forms
public record AgreementCheck(boolean normalised) implements ComparisonCheck {

    @Override
    public OptionalDouble difference(String request, Outcome.Answered baseline, Outcome.Answered candidate) {
        boolean agree = form(baseline.text()).equals(form(candidate.text()))
                && baseline.toolCalls().equals(candidate.toolCalls());
        return OptionalDouble.of(agree ? 0 : 1);
    }

    private String form(String text) {
        return normalised ? normalised(text) : text;
    }

    /// A text without case, punctuation and Unicode compatibility forms, in which runs of spaces are
    /// collapsed to one space.
    static String normalised(String text) {
        return Normalizer.normalize(text, Normalizer.Form.NFKC)
                .toLowerCase(Locale.ROOT)
                .replaceAll("[\\p{P}\\s]+", " ")
                .strip();
    }
}
