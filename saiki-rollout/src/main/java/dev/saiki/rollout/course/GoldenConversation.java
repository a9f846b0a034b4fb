package dev.saiki.rollout.course;

import java.util.UUID;

/// The key of a golden question's conversation, distinct from clients' keys.
public final class GoldenConversation {

    private static final String PREFIX = "golden-";

    private GoldenConversation() {}

    /// Makes a name.
    ///
    /// @param line of the question in its file, from 1
    /// @return a name that no other conversation has
    public static String key(int line) {
        return PREFIX + line + "-" + UUID.randomUUID();
    }

    /// Tells whether a conversation is a golden question: those of clients are hexadecimal digits.
    ///
    /// @param key of a conversation
    /// @return whether no client had it
    public static boolean is(String key) {
        return key.startsWith(PREFIX);
    }
}
