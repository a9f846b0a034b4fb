package dev.saiki.rollout.plan;

import dev.saiki.io.InputException;
import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The hours in which a rollout may move forward. They never delay a retreat.
///
/// @param zone the time zone of the hours
/// @param windows the hours
public record PromotionHours(ZoneId zone, List<Window> windows) {

    private static final int DAY = 24 * 60;
    private static final int WEEK = 7;

    /// Enough days for a window that lies in the hour that a change of clocks skips.
    private static final int SEARCHED_DAYS = 15;

    /// Copies the windows.
    public PromotionHours {
        windows = List.copyOf(windows);
    }

    /// Parses hours.
    ///
    /// @param zone the time zone
    /// @param text windows such as `Mon-Fri 09:00-17:00`, separated by commas
    /// @return the hours
    /// @throws InputException if a window is written otherwise
    public static PromotionHours of(ZoneId zone, String text) {
        return new PromotionHours(
                zone, Arrays.stream(text.split(",")).map(Window::of).toList());
    }

    /// Hours of some days of the week.
    ///
    /// @param first the first day
    /// @param last the last day, which may come before the first in the week
    /// @param from the minute of the day at which the hours begin
    /// @param until the minute at which they end, counted from the same midnight, so that it may be on the next day
    public record Window(DayOfWeek first, DayOfWeek last, int from, int until) {

        private static final Pattern TEXT = Pattern.compile(
                "([A-Za-z]{3})(?:-([A-Za-z]{3}))? ([01][0-9]|2[0-3]):([0-5][0-9])-([01][0-9]|2[0-4]):([0-5][0-9])");

        private static Window of(String text) {
            Matcher parts = TEXT.matcher(text.strip());
            if (!parts.matches()) {
                throw malformed(text);
            }
            DayOfWeek first = day(parts.group(1), text);
            DayOfWeek last = parts.group(2) == null ? first : day(parts.group(2), text);
            int from = minute(parts.group(3), parts.group(4));
            int until = minute(parts.group(5), parts.group(6));
            if (from == until || until > DAY) {
                throw malformed(text);
            }
            return new Window(first, last, from, until > from ? until : until + DAY);
        }

        private static int minute(String hour, String minute) {
            return Integer.parseInt(hour) * 60 + Integer.parseInt(minute);
        }

        private static DayOfWeek day(String word, String text) {
            return Arrays.stream(DayOfWeek.values())
                    .filter(day -> day.name().startsWith(word.toUpperCase(Locale.ROOT)))
                    .findFirst()
                    .orElseThrow(() -> malformed(text));
        }

        private static InputException malformed(String text) {
            return new InputException("hours.promote must be days and hours such as Mon-Fri 09:00-17:00, separated by"
                    + " commas, got " + text.strip());
        }

        private LocalTime begin() {
            return LocalTime.MIN.plusMinutes(from);
        }

        private boolean beginsOn(DayOfWeek day) {
            return Math.floorMod(day.getValue() - first.getValue(), WEEK)
                    <= Math.floorMod(last.getValue() - first.getValue(), WEEK);
        }

        private boolean contains(ZonedDateTime time) {
            int minute = time.getHour() * 60 + time.getMinute();
            DayOfWeek day = time.getDayOfWeek();
            return (beginsOn(day) && minute >= from && minute < until)
                    || (beginsOn(day.minus(1)) && minute + DAY < until);
        }

        @Override
        public String toString() {
            String days = word(first) + (first == last ? "" : "-" + word(last));
            return days + " " + begin() + "-" + LocalTime.MIN.plusMinutes(until);
        }

        private static String word(DayOfWeek day) {
            return day.name().charAt(0) + day.name().substring(1, 3).toLowerCase(Locale.ROOT);
        }
    }

    /// Tells whether a rollout may move forward.
    ///
    /// @param now the time
    /// @return whether the time is within the hours
    public boolean areOpen(Instant now) {
        return windows.stream().anyMatch(window -> window.contains(now.atZone(zone)));
    }

    /// Returns when a rollout may move forward again.
    ///
    /// @param now the time
    /// @return the next beginning of the hours
    public ZonedDateTime nextOpening(Instant now) {
        ZonedDateTime today = now.atZone(zone).toLocalDate().atStartOfDay(zone);
        return IntStream.range(0, SEARCHED_DAYS)
                .mapToObj(today::plusDays)
                .flatMap(day -> windows.stream()
                        .filter(window -> window.beginsOn(day.getDayOfWeek()))
                        .map(window -> day.with(window.begin())))
                .filter(begin -> begin.toInstant().isAfter(now) && areOpen(begin.toInstant()))
                .min(ZonedDateTime::compareTo)
                .orElseThrow();
    }

    @Override
    public String toString() {
        return windows.stream().map(Window::toString).collect(Collectors.joining(", ")) + " " + zone;
    }
}
