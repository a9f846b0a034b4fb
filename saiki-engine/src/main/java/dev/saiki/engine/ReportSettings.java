package dev.saiki.engine;

/// The choice of what an answer reports about its tokens in addition to their text.
///
/// @param echo whether the answer begins with the prompt's tokens and their log-probabilities. If so, an end token
///     is reported too, without text, because clients that score a prompt ask for one more token after it and
///     ignore the last token in the report
/// @param alternatives number of likeliest alternatives to report for each token, at most
///     {@value ScoreRequest#MAX_ALTERNATIVES}
public record ReportSettings(boolean echo, int alternatives) {

    /// Reports the generated tokens only.
    public static final ReportSettings WRITTEN = new ReportSettings(false, 0);

    /// Checks the number of alternatives.
    ///
    /// @throws dev.saiki.io.InputException if too many alternatives are requested
    public ReportSettings {
        ScoreRequest.requireAlternatives(alternatives);
    }
}
