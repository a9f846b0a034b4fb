package dev.saiki.rollout.router;

import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A reason to stop following the router.
public enum RouterAlarm {
    /// The server's own circuit breaker is not closed, or was open since it was looked at last.
    BREAKER,
    /// Scores or logits were not finite since it was looked at last.
    NOT_FINITE,
    /// No token takes a recursion step that some should take.
    DEAD_STEP,
    /// Depths are farther from those of the training than the plan allows.
    DRIFT,
    /// The server has revoked the certificate of its effort.
    CERTIFICATE;

    /// Reads what {@link #words} wrote.
    ///
    /// @param words may be empty
    /// @return the alarms
    public static Set<RouterAlarm> read(String words) {
        return Stream.of(words.split(","))
                .filter(word -> !word.isEmpty())
                .map(word -> valueOf(word.toUpperCase(Locale.ROOT)))
                .collect(Collectors.toUnmodifiableSet());
    }

    /// Returns the words of some.
    ///
    /// @param alarms any number
    /// @return with commas between them
    public static String words(Set<RouterAlarm> alarms) {
        return alarms.stream().sorted().map(RouterAlarm::word).collect(Collectors.joining(","));
    }

    /// Returns the word for it.
    ///
    /// @return in lower case
    public String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
