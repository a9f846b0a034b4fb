package dev.saiki.rollout.evidence;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/// The conversations whose pairs are still gathered, in order of assignment.
///
/// A conversation closes when it has as many pairs as its limit, or when its time is over, as it stands
/// then. Closed ones are released in order of assignment, so that which ones come first does not depend on
/// how they went; one that is open holds back those behind it, no longer than its time. Each gives one
/// number, the mean of its pairs; one without a pair gives none, since missing data decides nothing.
///
/// Not safe for several threads.
public final class ConversationQueue {

    private final int mostPairs;
    private final Duration longest;
    private final LinkedHashMap<String, Entry> entries = new LinkedHashMap<>();

    /// Begins with conversations that were open before.
    ///
    /// @param mostPairs pairs with which a conversation closes, at least 1
    /// @param longest time after which it closes
    /// @param entries in order of assignment
    public ConversationQueue(int mostPairs, Duration longest, List<Entry> entries) {
        if (mostPairs < 1) {
            throw new IllegalArgumentException("a conversation needs at least 1 pair to close, got " + mostPairs);
        }
        this.mostPairs = mostPairs;
        this.longest = longest;
        entries.forEach(entry -> this.entries.put(entry.conversation(), entry));
    }

    /// A conversation, as it is stored.
    ///
    /// @param conversation its key
    /// @param assigned when it was assigned
    /// @param pairs how many differences are in the sum
    /// @param sum of its differences
    /// @param closed whether no pair is taken any more
    public record Entry(String conversation, Instant assigned, int pairs, double sum, boolean closed) {}

    /// Returns all that is needed to go on.
    ///
    /// @return the conversations, in order of assignment
    public List<Entry> entries() {
        return List.copyOf(entries.values());
    }

    /// Assigns a conversation; nothing happens if it is here already.
    ///
    /// @param conversation its key
    /// @param now the time
    public void assign(String conversation, Instant now) {
        entries.putIfAbsent(conversation, new Entry(conversation, now, 0, 0, false));
    }

    /// Takes a pair. It is left out where the conversation is closed, unknown or released.
    ///
    /// @param conversation its key
    /// @param difference from -1 to 1; empty where it is missing
    /// @param now the time
    /// @return whether it was taken
    public boolean add(String conversation, OptionalDouble difference, Instant now) {
        @Nullable Entry entry = entries.get(conversation);
        if (entry == null || isClosed(entry, now) || difference.isEmpty()) {
            return false;
        }
        double d = difference.getAsDouble();
        if (!(d >= -1 && d <= 1)) {
            throw new IllegalArgumentException("a difference must be from -1 to 1, got " + d);
        }
        int pairs = entry.pairs() + 1;
        entries.put(
                conversation, new Entry(conversation, entry.assigned(), pairs, entry.sum() + d, pairs >= mostPairs));
        return true;
    }

    /// Releases the conversations that are closed and have none before them that is open.
    ///
    /// @param now the time
    /// @return for each one that has pairs its mean difference, in order of assignment
    public List<Double> release(Instant now) {
        List<Double> released = new ArrayList<>();
        Iterator<Map.Entry<String, Entry>> inOrder = entries.entrySet().iterator();
        while (inOrder.hasNext()) {
            Entry entry = inOrder.next().getValue();
            if (!isClosed(entry, now)) {
                break;
            }
            if (entry.pairs() > 0) {
                released.add(Math.clamp(entry.sum() / entry.pairs(), -1, 1));
            }
            inOrder.remove();
        }
        return released;
    }

    private boolean isClosed(Entry entry, Instant now) {
        return entry.closed() || !now.isBefore(entry.assigned().plus(longest));
    }
}
