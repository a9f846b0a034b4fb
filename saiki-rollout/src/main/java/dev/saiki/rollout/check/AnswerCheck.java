package dev.saiki.rollout.check;

import dev.saiki.rollout.pair.Outcome;

/// A check that compares answers with one correct answer, ignoring case, spaces and punctuation. A different
/// answer has loss 1.
///
/// @param right the answer
public record AnswerCheck(String right) implements LossCheck {

    @Override
    public double loss(Outcome.Answered answer) {
        return AgreementCheck.normalised(answer.comparable()).equals(AgreementCheck.normalised(right)) ? 0 : 1;
    }
}
