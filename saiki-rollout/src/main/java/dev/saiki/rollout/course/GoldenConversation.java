package dev.saiki.rollout.course;

import java.util.UUID;

/// The keys of the conversations that consist of golden questions, distinct from the keys of clients'
/// conversations.
public final class GoldenConversation {

    private static final String PREFIX = "golden-";

    private GoldenConversation() {}

    /// Creates a key.
    ///
    /// @param line number of the question in its file, from 1
    /// @return a unique key
    public static String key(int line) {
        return PREFIX + line + "-" + UUID.randomUUID();
    }

    /// Tells whether a conversation is a golden question; its key has a prefix, whereas the keys of clients'
    /// conversations consist of hexadecimal digits.
    ///
    /// @param key the key of a conversation
    /// @return whether no client sent the conversation
    public static boolean is(String key) {
        return key.startsWith(PREFIX);
    }
}
