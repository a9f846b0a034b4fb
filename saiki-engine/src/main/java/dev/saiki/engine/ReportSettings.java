package dev.saiki.engine;

/// The choice of what an answer reports of its tokens beside their text.
///
/// @param echo whether the answer begins with the prompt's tokens and their log-probabilities; a token that
///     ends the text is then among those that were written too, without a text, so that all that was predicted
///     is there: who scores a prompt asks for one token more than it has, and cuts the last one off
/// @param alternatives how many of the likeliest tokens to name in place of each, at most {@value
///     ScoreRequest#MOST_ALTERNATIVES}
public record ReportSettings(boolean echo, int alternatives) {

    /// The tokens that are written, and nothing more.
    public static final ReportSettings WRITTEN = new ReportSettings(false, 0);

    /// Checks the bound.
    ///
    /// @throws dev.saiki.io.InputException if more alternatives are asked for
    public ReportSettings {
        ScoreRequest.requireAlternatives(alternatives);
    }
}
