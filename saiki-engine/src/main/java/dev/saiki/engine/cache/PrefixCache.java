package dev.saiki.engine.cache;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SequencedSet;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The cache of keys and values of earlier texts, for sequences that begin with the same tokens.
///
/// **A tree of tokens.** Texts of one {@link PrefixKey} form a tree, whose nodes have as many tokens as a
/// page of the first recursion step, or fewer where a text ends. A node knows the depths that its tokens took
/// and, for each store, the slots of the tokens that came so far and the pages in which these lie. A deep step
/// has fewer slots than tokens, so nodes end within its pages; then the next node names the same page again, or
/// another one that begins with the same slots. Children are sorted by tokens, and none begins with all tokens of
/// another, so a text's longest match stands beside its place in that order and is found to the token. (Tokens
/// are compared, not hashes of them: strangers choose them.)
///
/// **Nothing else decides.** A token's depth, keys and values depend on the tokens up to it, on what the request
/// says of depth, and on the model; on no other sequence, no batch and no cut into pieces, to the last bit. So
/// what is found is what would have been computed. (With products on LibTorch company can change last bits, with
/// or without this cache.)
///
/// **Shared pages are not written.** The one sequence that fills a page goes on behind the slots that nodes name,
/// and no slot is written twice. Another one that begins with these slots shares full pages, and copies the one
/// that has room, or takes it over if nobody else needs it any more. {@link KeyValueStore#add} checks it.
///
/// **Kept pages are free pages.** The cache takes no page of its own: it keeps those that sequences have filled.
/// When the pool has no other page, it asks for one of them ({@link PagePool}), so nobody waits for what is only
/// kept. What goes first is the node that was longest not used; whoever uses a node uses all before it, so that
/// is a leaf.
///
/// Caffeine was weighed: it evicts single entries by how often they are used, where here children go before
/// parents and the pool says when. The order of use is the JDK's `LinkedHashSet`. Used by one thread.
public final class PrefixCache {

    private final PagePool pool;
    private final int nodeTokens;
    private final Map<PrefixKey, Root> roots = new HashMap<>();

    /// The longest unused first; a node after all of its children.
    private final SequencedSet<Node> byLastUse = new LinkedHashSet<>();

    /// A point at which cached texts may diverge.
    private abstract static sealed class Branch {
        final NavigableMap<int[], Node> children = new TreeMap<>(Arrays::compare);
    }

    /// The root of the texts of a key.
    private static final class Root extends Branch {
        final PrefixKey key;

        Root(PrefixKey key) {
            this.key = key;
        }
    }

    /// A run of tokens, and the point behind it.
    private static final class Node extends Branch {
        final Branch parent;
        final int[] tokens;
        final int[] depths;
        final List<SlotRange> stores;

        Node(Branch parent, int[] tokens, int[] depths, List<SlotRange> stores) {
            this.parent = parent;
            this.tokens = tokens;
            this.depths = depths;
            this.stores = stores;
        }

        /// Counts how many of the first tokens are the same.
        int commonLength(int[] others) {
            int mismatch = Arrays.mismatch(tokens, others);
            return mismatch < 0 ? tokens.length : mismatch;
        }
    }

    /// Makes an empty cache.
    ///
    /// @param pool where the sequences' pages come from; it can have one cache
    public PrefixCache(PagePool pool) {
        this.pool = pool;
        this.nodeTokens = pool.layout().blockSlots();
        pool.setEvictor(this::evictOldest);
    }

    /// Returns the length of a full node.
    ///
    /// @return tokens
    public int nodeTokens() {
        return nodeTokens;
    }

    /// Counts the nodes.
    ///
    /// @return how many are kept
    public int nodes() {
        return byLastUse.size();
    }

    /// Finds the longest beginning of a text that is kept.
    ///
    /// @param key of the text
    /// @param text its tokens
    /// @param most tokens that may be found
    /// @return the prefix, to be used before anything else happens; empty if nothing was found
    public Prefix find(PrefixKey key, int[] text, int most) {
        List<Node> path = new ArrayList<>();
        @Nullable Branch branch = roots.get(key);
        int found = 0;
        while (branch != null && found < most) {
            int[] tokens = Arrays.copyOfRange(text, found, Math.min(found + nodeTokens, text.length));
            Optional<Node> nearest = nearest(branch, tokens);
            nearest.ifPresent(path::add);
            int common = nearest.map(node -> node.commonLength(tokens)).orElse(0);
            found += common;
            branch = common == nodeTokens ? path.getLast() : null;
        }
        touch(path);
        return path.isEmpty() ? Prefix.EMPTY : join(path, Math.min(found, most));
    }

    /// The child that has most of the first tokens in common; empty if none has the first.
    private static Optional<Node> nearest(Branch branch, int[] tokens) {
        return Stream.of(
                        Optional.ofNullable(branch.children.floorEntry(tokens)),
                        Optional.ofNullable(branch.children.ceilingEntry(tokens)))
                .flatMap(Optional::stream)
                .map(Map.Entry::getValue)
                .filter(node -> node.commonLength(tokens) > 0)
                .max(Comparator.comparingInt(node -> node.commonLength(tokens)));
    }

    private Prefix join(List<Node> path, int tokens) {
        int[] depths = path.stream()
                .flatMapToInt(node -> Arrays.stream(node.depths))
                .limit(tokens)
                .toArray();
        List<SlotRange> stores = IntStream.range(0, path.getFirst().stores.size())
                .mapToObj(store -> SlotRange.join(
                        path.stream().map(node -> node.stores.get(store)).toList(), tokens))
                .toList();
        return new Prefix(depths, stores.stream().mapToInt(this::pagesTaken).sum(), stores);
    }

    /// Full pages that nobody works with so far, and the copy of the one that has room.
    private int pagesTaken(SlotRange slots) {
        int full = Math.toIntExact(Arrays.stream(slots.pages())
                .limit(slots.fullPages())
                .filter(page -> !pool.isReferenced(page))
                .count());
        return slots.endsWithinPage() ? full + 1 : full;
    }

    /// Moves nodes behind all others, the first one last, so that a node stays behind its children.
    private void touch(List<Node> path) {
        path.reversed().forEach(byLastUse::addLast);
    }

    /// Keeps what a sequence has computed. Tokens that are kept already are not kept again; those behind tokens that
    /// are neither kept nor any longer in the sequence's cache are not kept at all.
    ///
    /// @param key of the text
    /// @param text tokens of the sequence, those not computed yet included
    /// @param depths recursions that each computed token took
    /// @param cache their keys and values
    public void insert(PrefixKey key, int[] text, int[] depths, SequenceCache cache) {
        if (depths.length == 0) {
            return;
        }
        List<Node> path = new ArrayList<>();
        Branch branch = roots.computeIfAbsent(key, Root::new);
        for (int from = 0; from < depths.length; from += nodeTokens) {
            int to = Math.min(from + nodeTokens, depths.length);
            Optional<Node> node = nodeFor(branch, text, depths, from, to, cache);
            if (node.isEmpty()) {
                break;
            }
            path.add(node.get());
            branch = node.get();
        }
        touch(path);
        if (branch instanceof Root root && root.children.isEmpty()) {
            roots.remove(key);
        }
    }

    private Optional<Node> nodeFor(Branch branch, int[] text, int[] depths, int from, int to, SequenceCache cache) {
        int[] tokens = Arrays.copyOfRange(text, from, to);
        Optional<Node> nearest = nearest(branch, tokens);
        int common = nearest.map(node -> node.commonLength(tokens)).orElse(0);
        if (nearest.isPresent() && common == tokens.length) {
            return nearest;
        }
        if (!cache.has(from, to)) {
            return Optional.empty();
        }
        Node node = new Node(
                branch,
                tokens,
                Arrays.copyOfRange(depths, from, to),
                cache.stores().stream().map(store -> store.slots(from, to)).toList());
        node.stores.forEach(slots -> Arrays.stream(slots.pages()).forEach(pool::retain));
        branch.children.put(tokens, node);
        // A text that ended here goes on.
        nearest.filter(shorter -> shorter.tokens.length == common).ifPresent(this::remove);
        return Optional.of(node);
    }

    private void remove(Node leaf) {
        if (!leaf.children.isEmpty()) {
            throw new IllegalStateException("a node goes before those behind it");
        }
        byLastUse.remove(leaf);
        leaf.parent.children.remove(leaf.tokens);
        leaf.stores.forEach(slots -> Arrays.stream(slots.pages()).forEach(pool::giveUp));
        if (leaf.parent instanceof Root root && root.children.isEmpty()) {
            roots.remove(root.key);
        }
    }

    private boolean evictOldest() {
        if (byLastUse.isEmpty()) {
            return false;
        }
        remove(byLastUse.getFirst());
        return true;
    }

    /// Lets go of an owner's texts.
    ///
    /// @param owner of their keys
    public void forget(String owner) {
        byLastUse.stream()
                .filter(node -> rootOf(node).key.owner().equals(owner))
                .toList()
                .forEach(this::remove);
    }

    private static Root rootOf(Node node) {
        Branch branch = node;
        while (branch instanceof Node inner) {
            branch = inner.parent;
        }
        return (Root) branch;
    }

    /// Lets go of everything.
    public void clear() {
        while (evictOldest()) {
            // Until nothing is left.
        }
    }
}
