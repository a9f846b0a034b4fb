package dev.saiki.rollout.pair;

import java.util.Locale;

/// An enum whose constants are written in lower case in JSON, logs and metrics.
public interface Word {

    /// Returns the constant's name in the code.
    ///
    /// @return the name in upper case
    String name();

    /// Returns the constant's name.
    ///
    /// @return the name in lower case
    default String word() {
        return name().toLowerCase(Locale.ROOT);
    }
}
