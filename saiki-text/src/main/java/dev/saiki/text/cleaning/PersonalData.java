package dev.saiki.text.cleaning;

import java.util.List;
import java.util.regex.Pattern;

/// A text whose personal data is masked.
///
/// The masks and the form of North American telephone numbers are those of Dolma (Soldaini et al., arXiv
/// 2402.00159, 2024, section 3.2). E-mail addresses and public IPv4 addresses are recognised as for FineWeb
/// (Penedo et al., arXiv 2406.17557, 2024); each part is limited in length, so that the time is linear.
///
/// @param text the text with masks
/// @param count the number of masks
record PersonalData(String text, long count) {

    /// A kind of personal data.
    ///
    /// @param mask the text in place of the data
    /// @param pattern the form of the data
    private record Kind(String mask, Pattern pattern) {}

    private static final String OCTET = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";
    private static final String PRIVATE_NETWORK =
            "(?:0|10|127|22[4-9]|2[34]\\d|25[0-5]|169\\.254|192\\.168|172\\.(?:1[6-9]|2\\d|3[01]))\\.";

    private static final List<Kind> KINDS = List.of(
            new Kind(
                    "|||EMAIL_ADDRESS|||",
                    Pattern.compile("(?<![\\w.%+-])[\\w.%+-]{1,64}@(?:[A-Za-z0-9-]{1,63}\\.){1,8}[A-Za-z]{2,24}\\b")),
            new Kind(
                    "|||IP_ADDRESS|||",
                    Pattern.compile("(?<![\\d.])(?!" + PRIVATE_NETWORK + ")(?:" + OCTET + "\\.){3}" + OCTET
                            + "(?!\\d|\\.\\d)")),
            new Kind(
                    "|||PHONE_NUMBER|||",
                    Pattern.compile("(?<!\\S)\\(?\\d{3}\\)?[-. ]{0,3}\\d{3}[-. ]?\\d{4}(?!\\d)")));

    /// Masks personal data.
    ///
    /// @param text the whole text
    /// @return the masked text
    static PersonalData masked(String text) {
        String masked = text;
        long count = 0;
        for (Kind kind : KINDS) {
            long found = kind.pattern().matcher(masked).results().count();
            if (found > 0) {
                masked = kind.pattern().matcher(masked).replaceAll(kind.mask());
                count += found;
            }
        }
        return new PersonalData(masked, count);
    }
}
