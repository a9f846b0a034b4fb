package dev.saiki.engine.constraint;

import dev.saiki.io.Resources;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The string formats of JSON Schema as regular expressions, in two forms: a narrow one for writing and a wide one
/// for matching.
///
/// Any validator accepts the texts of the narrow form: only days that every month has, short names, existing UUID
/// versions, no leap seconds. The narrow form can contradict a pattern beside the format. For example, some
/// libraries combine the format of times, which requires a zone, with a pattern for times without a zone. In such
/// a case the wide form applies.
final class TextFormats {

    /// The pattern that zod, a TypeScript library, writes beside the format `hostname`. The pattern is equivalent
    /// to the format, but its automaton would be too large, because it counts the characters of the whole name
    /// and of each part.
    private static final String HOSTNAME_OF_ZOD =
            "^(?=.{1,253}\\.?$)[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[-0-9a-zA-Z]{0,61}[0-9a-zA-Z])?)*\\.?$";

    private static final String DATE = "\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|1\\d|2[0-8])";
    private static final String CLOCK = "([01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d";
    private static final String TIME = CLOCK + "(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)";
    private static final String WIDE_DATE = "\\d{4}-\\d\\d-\\d\\d";
    private static final String WIDE_TIME = "\\d\\d:\\d\\d(:\\d\\d(\\.\\d+)?)?(Z|[+-]\\d\\d(:?\\d\\d)?)?";
    private static final String LABEL = "[a-z0-9]{1,15}(-[a-z0-9]{1,15}){0,2}";
    private static final String HOST = "(" + LABEL + "\\.){0,3}[a-z]{2,12}";
    private static final String WORD = "[A-Za-z0-9_+-]{1,20}";
    private static final String BYTE = "(25[0-5]|2[0-4]\\d|1\\d\\d|[1-9]?\\d)";
    private static final String HEX = "[0-9a-f]{1,4}";
    private static final String PART = "[A-Za-z0-9._~-]{1,30}";
    private static final String CLOCK_TIME = "T(\\d{1,3}H(\\d{1,3}M(\\d{1,3}S)?)?|\\d{1,3}M(\\d{1,3}S)?|\\d{1,3}S)";
    private static final String CALENDAR_TIME = "(\\d{1,3}Y(\\d{1,3}M(\\d{1,3}D)?)?|\\d{1,3}M(\\d{1,3}D)?|\\d{1,3}D)";

    /// The encoded headers `{"alg":"HS256","typ":"JWT"}` and the same for RS256.
    private static final String JWT_HEAD = "eyJhbGciOi(JIUzI1NiIs|JSUzI1NiIs)InR5cCI6IkpXVCJ9";

    /// A format in both forms.
    private record Format(String narrow, String wide) {}

    private static final Map<String, Format> FORMATS = Map.ofEntries(
            Map.entry("date", new Format(DATE, WIDE_DATE)),
            Map.entry("time", new Format(TIME, WIDE_TIME)),
            Map.entry("date-time", new Format(DATE + "T" + TIME, WIDE_DATE + "[Tt ]" + WIDE_TIME)),
            Map.entry(
                    "duration",
                    new Format(
                            "P(\\d{1,3}W|" + CLOCK_TIME + "|" + CALENDAR_TIME + "(" + CLOCK_TIME + ")?)",
                            "P[0-9A-Z.,]+")),
            Map.entry(
                    "email", new Format(WORD + "(\\." + WORD + "){0,2}@" + LABEL + "\\." + HOST, "[^@\\s]+@[^@\\s]+")),
            Map.entry("hostname", new Format(HOST, "[A-Za-z0-9.-]+")),
            Map.entry("ipv4", new Format("(" + BYTE + "\\.){3}" + BYTE, "[0-9.]+")),
            Map.entry(
                    "ipv6",
                    new Format(
                            "(" + HEX + ":){7}" + HEX + "|(" + HEX + ":){1,6}:" + HEX + "|::1",
                            "[0-9a-fA-F:.]+(%\\w+)?")),
            Map.entry(
                    "uri",
                    new Format(
                            "https?://" + HOST + "(:[1-9]\\d{1,3})?(/" + PART + "){0,6}/?(\\?" + PART + "=" + PART
                                    + ")?(#" + PART + ")?",
                            "[A-Za-z][A-Za-z0-9+.-]*:\\S+")),
            Map.entry(
                    "uuid",
                    new Format(
                            "[0-9a-f]{8}-[0-9a-f]{4}-[1-8][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}",
                            "[0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{4}-[0-9a-fA-F]{12}")),
            Map.entry(
                    "jwt",
                    new Format(
                            JWT_HEAD + "\\.eyJ[A-Za-z0-9_-]([A-Za-z0-9_-]{4}){1,60}\\.[A-Za-z0-9_-]{43}",
                            "([A-Za-z0-9_-]+\\.){2}[A-Za-z0-9_-]*")));

    /// The formats of zod that are not part of JSON Schema. The pattern that zod writes beside such a format
    /// defines it fully.
    private static final Set<String> SAID_BY_PATTERNS = ofZod("zod-formats.txt");

    /// The hash formats of zod, named by algorithm and encoding.
    private static final Pattern HASHES = Pattern.compile("(md5|sha1|sha256|sha384|sha512)_(hex|base64|base64url)");

    private TextFormats() {}

    private static Set<String> ofZod(String file) {
        return Resources.text(TextFormats.class.getResourceAsStream(file), file)
                .lines()
                .collect(Collectors.toUnmodifiableSet());
    }

    /// Whether a pattern beside the format covers everything that the format requires.
    static boolean isImpliedByPattern(String name) {
        return SAID_BY_PATTERNS.contains(name) || HASHES.matcher(name).matches();
    }

    static Set<String> names() {
        return FORMATS.keySet();
    }

    /// Tells whether a pattern is equivalent to a format.
    static boolean isPatternOf(String format, String pattern) {
        return format.equals("hostname") && pattern.equals(HOSTNAME_OF_ZOD);
    }

    /// The texts of a format's narrow form, which are written by default.
    static Optional<Regex> written(String name) {
        return Optional.ofNullable(FORMATS.get(name)).map(format -> RegexParser.whole(format.narrow()));
    }

    /// The texts of a format's wide form.
    static Optional<Regex> allowed(String name) {
        return Optional.ofNullable(FORMATS.get(name)).map(format -> RegexParser.whole(format.wide()));
    }
}
