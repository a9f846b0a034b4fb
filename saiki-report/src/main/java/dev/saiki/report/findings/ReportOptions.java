package dev.saiki.report.findings;

import dev.saiki.io.InputException;
import dev.saiki.report.Language;

/// The language and the price of a report.
///
/// @param language the report's language
/// @param pricePerHour machine price per hour, in any currency, for the costs
public record ReportOptions(Language language, double pricePerHour) {

    /// The default price: 1, so that costs at other prices are easy to compute.
    public static final double DEFAULT_PRICE = 1;

    private static final double MAX_PRICE = 1e9;

    /// English, at the default price.
    public static final ReportOptions DEFAULT = new ReportOptions(Language.ENGLISH, DEFAULT_PRICE);

    /// Checks the price.
    ///
    /// @throws InputException if the price is not above zero
    public ReportOptions {
        InputException.require(
                pricePerHour > 0 && pricePerHour <= MAX_PRICE, "--price", "above 0 and at most 1e9", pricePerHour);
    }
}
