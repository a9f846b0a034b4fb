package dev.saiki.rollout.check;

import dev.saiki.io.InputException;
import dev.saiki.rollout.pair.BoundedSearch;
import dev.saiki.rollout.pair.Outcome;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/// A check against a regular expression: an answer without a match has loss 1.
///
/// @param pattern the pattern to be found in a good answer
public record RegexCheck(Pattern pattern) implements LossCheck {

    /// Compiles an expression.
    ///
    /// @param place location of the expression in the plan, for error messages
    /// @param expression a regular expression
    /// @return the check
    /// @throws InputException if the expression is malformed
    public static RegexCheck of(String place, String expression) {
        try {
            return new RegexCheck(Pattern.compile(expression));
        } catch (PatternSyntaxException e) {
            throw new InputException(
                    place + " must be a regular expression, got " + expression + " (" + e.getDescription() + ")", e);
        }
    }

    @Override
    public double loss(Outcome.Answered answer) {
        return isFoundIn(answer.comparable()) ? 0 : 1;
    }

    /// Tells whether a text is a good answer.
    ///
    /// @param text the text of an answer
    /// @return whether the expression is found in the text; false also if the search takes too long
    public boolean isFoundIn(String text) {
        return BoundedSearch.find(pattern, text, false);
    }
}
