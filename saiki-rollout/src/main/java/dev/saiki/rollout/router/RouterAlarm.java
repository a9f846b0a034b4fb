package dev.saiki.rollout.router;

import dev.saiki.rollout.pair.Word;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A reason to disable effort control.
public enum RouterAlarm implements Word {
    /// The server's own circuit breaker is not closed, or has opened since the last reading.
    BREAKER,
    /// Some scores or logits were not finite since the last reading.
    NOT_FINITE,
    /// Almost no token takes a recursion step that more tokens should take.
    DEAD_STEP,
    /// The depths drift from the depths in training by more than the plan allows.
    DRIFT,
    /// The server has revoked the certificate of the candidate's effort.
    CERTIFICATE;

    /// Parses the output of {@link #words}.
    ///
    /// @param words may be empty
    /// @return the alarms
    public static Set<RouterAlarm> read(String words) {
        return Stream.of(words.split(","))
                .filter(word -> !word.isEmpty())
                .map(word -> valueOf(word.toUpperCase(Locale.ROOT)))
                .collect(Collectors.toUnmodifiableSet());
    }

    /// Formats alarms as text.
    ///
    /// @param alarms any number
    /// @return the alarms, separated by commas
    public static String words(Set<RouterAlarm> alarms) {
        return alarms.stream().sorted().map(RouterAlarm::word).collect(Collectors.joining(","));
    }
}
