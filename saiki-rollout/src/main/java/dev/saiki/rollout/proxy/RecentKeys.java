package dev.saiki.rollout.proxy;

import java.util.LinkedHashSet;

/// The most recent of the keys that were added. Thread-safe.
final class RecentKeys {

    private final int most;
    private final LinkedHashSet<String> keys = new LinkedHashSet<>();

    RecentKeys(int most) {
        this.most = most;
    }

    /// Adds a key, and forgets the oldest one if there are too many.
    ///
    /// @return whether the key is new
    synchronized boolean add(String key) {
        boolean isNew = keys.add(key);
        if (keys.size() > most) {
            keys.removeFirst();
        }
        return isNew;
    }
}
