package dev.saiki.server.audit;

import dev.saiki.io.InputException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.time.format.DateTimeParseException;

/// Times as people write them to ask for audit records.
public final class AuditTimes {

    private static final int MOST_SHOWN = 40;

    private AuditTimes() {}

    /// Reads a day, a moment, or how long ago it was.
    ///
    /// @param name what to call it in messages
    /// @param given such as 2026-03-04 (its beginning in universal time), 2026-03-04T12:00:00Z, 30d, 12h or 15m
    /// @return the moment
    /// @throws InputException if it is none of these
    public static Instant parse(String name, String given) {
        try {
            if (given.matches("[0-9]{1,6}[dhm]")) {
                Duration ago = Duration.parse(given.endsWith("d") ? "P" + given : "PT" + given);
                return Instant.now().minus(ago);
            }
            return given.contains("T")
                    ? Instant.parse(given)
                    : LocalDate.parse(given).atStartOfDay(ZoneOffset.UTC).toInstant();
        } catch (DateTimeParseException e) {
            throw new InputException(
                    name + " must be a time such as 2026-03-04, 2026-03-04T12:00:00Z, 30d, 12h or 15m, got "
                            + given.substring(0, Math.min(MOST_SHOWN, given.length())),
                    e);
        }
    }
}
