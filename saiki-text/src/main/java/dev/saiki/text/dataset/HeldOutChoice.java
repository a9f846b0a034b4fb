package dev.saiki.text.dataset;

import dev.saiki.text.hash.SplitMix64;
import java.io.Serial;
import java.io.Serializable;

/// A running choice of held-out documents, over the corpus in the order of a hash of the seed and the text.
///
/// In this order, each document is held out together with its copies, its group, if that brings the held-out tokens
/// closer to the requested share, and is skipped otherwise. Therefore the choice does not depend on file locations,
/// and copies of a text, which are adjacent in this order, are all in the same split. The state has a fixed size, so
/// that the parts of a corpus can be visited one after another.
public final class HeldOutChoice implements Serializable {

    /// The share of the requested tokens at which the choice is complete.
    private static final double NEAR = 0.98;

    @Serial
    private static final long serialVersionUID = 1L;

    private final double wanted;
    private double held;
    private long groups;
    private boolean isAnyHeld;
    private long smallestTokens = Long.MAX_VALUE;
    private int smallest;

    /// Starts a choice.
    ///
    /// @param tokens the number of tokens of all documents
    /// @param fraction the requested share of tokens, at most 0.5
    public HeldOutChoice(long tokens, double fraction) {
        wanted = fraction * tokens;
    }

    /// The group of a document. Groups are visited in ascending order.
    ///
    /// @param hash the hash of the document's text
    /// @param seed the seed of the choice
    /// @return the number of the group
    public static int group(long hash, long seed) {
        return (int) (SplitMix64.mix(seed, hash) >>> Integer.SIZE);
    }

    /// Whether no further group will be held out.
    ///
    /// @return true once enough tokens are held out
    public boolean isComplete() {
        return held >= NEAR * wanted;
    }

    /// Visits the next group.
    ///
    /// @param group the number of the group
    /// @param tokens the number of tokens of the group's documents
    /// @return whether the group is held out
    public boolean visit(int group, long tokens) {
        groups++;
        if (isComplete()) {
            return false;
        }
        if (tokens < smallestTokens) {
            smallestTokens = tokens;
            smallest = group;
        }
        if (tokens >= 2 * (wanted - held)) {
            return false;
        }
        held += tokens;
        isAnyHeld = true;
        return true;
    }

    /// Whether a group is held out although {@link #visit} refused every group: the smallest group is.
    ///
    /// @param group the number of the group
    /// @return whether the group is held out after all
    public boolean isFallback(int group) {
        return !isAnyHeld && group == smallest;
    }

    /// Whether all documents are copies of one text; then only the first one of the fallback is held out.
    ///
    /// @return whether there was one group
    public boolean isSingleGroup() {
        return groups == 1;
    }
}
