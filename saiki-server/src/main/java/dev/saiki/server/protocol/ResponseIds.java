package dev.saiki.server.protocol;

import java.util.UUID;

/// The ids of answers and their items.
public final class ResponseIds {

    private ResponseIds() {}

    /// Creates a new id.
    ///
    /// @param prefix the prefix of the id
    public static String next(String prefix) {
        return prefix + UUID.randomUUID().toString().replace("-", "");
    }
}
