package dev.saiki.server.audit;

import dev.saiki.io.InputException;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;

/// The time formats accepted in queries for audit records.
public final class AuditTimes {

    private static final int MAX_SHOWN = 40;

    private static final int LAST_YEAR = 9999;

    private AuditTimes() {}

    /// Parses a day, an instant or an age.
    ///
    /// @param name the name of the parameter, for messages
    /// @param given the text, such as 2026-03-04 (the beginning of that day in universal time),
    ///     2026-03-04T12:00:00Z, 30d, 12h or 15m
    /// @return the instant
    /// @throws InputException if the text has none of these forms
    public static Instant parse(String name, String given) {
        try {
            if (given.matches("[0-9]{1,6}[dhm]")) {
                Duration ago = Duration.parse(given.endsWith("d") ? "P" + given : "PT" + given);
                return Instant.now().minus(ago);
            }
            Instant time = given.contains("T")
                    ? Instant.parse(given)
                    : LocalDate.parse(given).atStartOfDay(ZoneOffset.UTC).toInstant();
            return requireUsualYear(time);
        } catch (DateTimeException e) {
            throw new InputException(
                    name + " must be a time such as 2026-03-04, 2026-03-04T12:00:00Z, 30d, 12h or 15m, got "
                            + given.substring(0, Math.min(MAX_SHOWN, given.length())),
                    e);
        }
    }

    /// Refuses years that Java supports but that exceed the range of a database's numbers.
    private static Instant requireUsualYear(Instant time) {
        int year = time.atOffset(ZoneOffset.UTC).getYear();
        if (year < 0 || year > LAST_YEAR) {
            throw new DateTimeException("the year " + year + " is not from 0 to " + LAST_YEAR);
        }
        return time;
    }
}
