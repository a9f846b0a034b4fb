package dev.saiki.rollout.plan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import java.time.Instant;
import java.time.ZoneId;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PromotionHoursTest {

    private static PromotionHours hours(String zone, String text) {
        return PromotionHours.of(ZoneId.of(zone), text);
    }

    /// 2026-11-30 is a Monday.
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            Mon-Fri 09:00-17:00            | 2026-11-30T00:00:00Z | true
            Mon-Fri 09:00-17:00            | 2026-11-29T23:59:59Z | false
            Mon-Fri 09:00-17:00            | 2026-11-30T07:59:59Z | true
            Mon-Fri 09:00-17:00            | 2026-11-30T08:00:00Z | false
            Mon-Fri 09:00-17:00            | 2026-12-05T03:00:00Z | false
            Fri-Mon 09:00-17:00            | 2026-12-05T03:00:00Z | true
            Fri-Mon 09:00-17:00            | 2026-12-02T03:00:00Z | false
            Mon 22:00-02:00                | 2026-11-30T16:59:59Z | true
            Mon 22:00-02:00                | 2026-11-30T17:00:00Z | false
            Mon 22:00-02:00                | 2026-11-29T16:00:00Z | false
            Tue 09:00-12:00, Mon 00:00-24:00 | 2026-11-30T14:59:59Z | true
            Tue 09:00-12:00, Mon 00:00-24:00 | 2026-11-30T15:00:00Z | false
            """)
    void hoursAreThoseOfTheClockInTheirZone(String text, Instant now, boolean areOpen) {
        assertThat(hours("Asia/Tokyo", text).areOpen(now)).isEqualTo(areOpen);
    }

    @Test
    void theNextOpeningSkipsTheWeekend() {
        PromotionHours hours = hours("Asia/Tokyo", "Mon-Fri 09:00-17:00");
        assertThat(hours.nextOpening(Instant.parse("2026-12-04T08:00:00Z")).toInstant())
                .isEqualTo(Instant.parse("2026-12-07T00:00:00Z"));
        assertThat(hours.nextOpening(Instant.parse("2026-12-03T23:00:00Z")).toInstant())
                .isEqualTo(Instant.parse("2026-12-04T00:00:00Z"));
    }

    @Test
    void aChangeOfClocksMovesTheHoursWithIt() {
        PromotionHours hours = hours("Europe/Berlin", "Sun 02:30-02:45, Mon 09:00-17:00");
        assertThat(hours.areOpen(Instant.parse("2027-03-22T08:00:00Z"))).isTrue();
        assertThat(hours.areOpen(Instant.parse("2027-03-29T07:00:00Z"))).isTrue();
        assertThat(hours("Europe/Berlin", "Sun 02:30-02:45")
                        .nextOpening(Instant.parse("2027-03-27T12:00:00Z"))
                        .toInstant())
                .as("the night of 28 March has no such time")
                .isEqualTo(Instant.parse("2027-04-04T00:30:00Z"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"09:00-17:00", "Mon-Fri 9:00-17:00", "Xyz 09:00-17:00", "Mon 09:00-09:00", "Mon 09:00-24:30"})
    void otherTextsAreRefused(String text) {
        assertThatThrownBy(() -> hours("UTC", text))
                .isInstanceOf(InputException.class)
                .hasMessage(
                        "hours.promote must be days and hours such as Mon-Fri 09:00-17:00, separated by commas, got "
                                + text);
    }
}
