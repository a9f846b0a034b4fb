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

/// A cache of the keys and values of earlier texts, for sequences that begin with the same tokens.
///
/// **A tree of tokens.** Texts with the same {@link PrefixKey} form a tree. A node has as many tokens as fit into
/// a page of the store with the most layers, or fewer where a text ends. The node stores the depths of its tokens
/// and, for each store, the slots of the tokens that reached it and the pages that contain them. A deep step has
/// fewer slots than tokens, so a node may end in the middle of the step's page. The next node then refers to the
/// same page again, or to another page that begins with the same keys and values. Children are sorted by tokens,
/// and no child's tokens are a prefix of another child's. A text's longest match is therefore next to its place in
/// that order, and the match is exact to the token. (Tokens rather than their hashes are compared, because
/// untrusted callers choose them.)
///
/// **No other inputs.** A token's depth, keys and values depend only on the tokens up to it, on the request's
/// depth settings, and on the model. Other sequences, the batch and the chunk size do not change a single bit. So
/// cached keys and values equal those that would have been computed.
///
/// **Shared pages are not written.** Only the sequence that fills a page writes to it, after the slots that nodes
/// refer to, and no slot is written twice. Another sequence that begins with the same tokens shares full pages. A
/// page with free slots is copied, or taken over if nothing else holds it. {@link KeyValueStore#add} refuses to
/// write to a page that several stores hold.
///
/// **Retained pages are free pages.** The cache allocates no pages: it retains pages that sequences have filled.
/// When the pool has no other page left, the cache must evict one ({@link PagePool}), so no sequence waits because
/// of cached pages. The least recently used node is evicted. This node is always a leaf, because using a node also
/// counts as using all nodes before it.
///
/// Caffeine was considered. Caffeine evicts single entries by frequency of use; here a node must be evicted after
/// its children, and the pool decides when. The order of use is kept in the JDK's `LinkedHashSet`. For one thread
/// only.
public final class PrefixCache {

    private final PagePool pool;
    private final int nodeTokens;
    private final Map<PrefixKey, Root> roots = new HashMap<>();

    /// The nodes, least recently used first; a node comes after all of its children.
    private final SequencedSet<Node> byLastUse = new LinkedHashSet<>();

    /// A point at which cached texts may diverge.
    private abstract static sealed class Branch {
        final NavigableMap<int[], Node> children = new TreeMap<>(Arrays::compare);
    }

    /// The root of all texts with one key.
    private static final class Root extends Branch {
        final PrefixKey key;

        Root(PrefixKey key) {
            this.key = key;
        }
    }

    /// A run of tokens, and the branch after it.
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

        /// Counts the tokens in the common prefix of the node and other tokens.
        int commonLength(int[] others) {
            int mismatch = Arrays.mismatch(tokens, others);
            return mismatch < 0 ? tokens.length : mismatch;
        }
    }

    /// Makes an empty cache.
    ///
    /// @param pool from which the sequences' pages come; a pool can have only one cache
    public PrefixCache(PagePool pool) {
        this.pool = pool;
        this.nodeTokens = pool.layout().blockSlots();
        pool.setEvictor(this::evictOldest);
    }

    /// Returns the number of tokens in a full node.
    ///
    /// @return the number of tokens
    public int nodeTokens() {
        return nodeTokens;
    }

    /// Counts the nodes.
    ///
    /// @return the number of nodes
    public int nodes() {
        return byLastUse.size();
    }

    /// Finds the longest cached prefix of a text.
    ///
    /// @param key the key of the text
    /// @param text tokens of the text
    /// @param most maximum length of the prefix, in tokens
    /// @return the prefix, which must be used before any other call to the cache or its pool; empty if nothing was
    ///     found
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

    /// The child that shares the longest prefix with the tokens; empty if no child begins with the first token.
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

    /// Counts the full pages that are not in use yet, plus one for the copy of a page with free slots.
    private int pagesTaken(SlotRange slots) {
        int full = Math.toIntExact(Arrays.stream(slots.pages())
                .limit(slots.fullPages())
                .filter(page -> !pool.isReferenced(page))
                .count());
        return slots.endsWithinPage() ? full + 1 : full;
    }

    /// Marks the nodes of a path as most recently used, the first one last, so that each node comes after its
    /// children.
    private void touch(List<Node> path) {
        path.reversed().forEach(byLastUse::addLast);
    }

    /// Caches the computed tokens of a sequence. Tokens that are already cached are skipped. Caching stops at the
    /// first gap, that is, at tokens that are neither cached nor still in the sequence's own cache.
    ///
    /// @param key the key of the text
    /// @param text tokens of the sequence, including tokens that are not computed yet
    /// @param depths number of recursions that each computed token took
    /// @param cache keys and values of the tokens
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
        // The new node replaces the node of a shorter text that ended here.
        nearest.filter(shorter -> shorter.tokens.length == common).ifPresent(this::remove);
        return Optional.of(node);
    }

    private void remove(Node leaf) {
        if (!leaf.children.isEmpty()) {
            throw new IllegalStateException("a node with children cannot be removed");
        }
        byLastUse.remove(leaf);
        leaf.parent.children.remove(leaf.tokens);
        leaf.stores.forEach(slots -> Arrays.stream(slots.pages()).forEach(pool::unretain));
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

    /// Removes an owner's texts.
    ///
    /// @param owner owner of the texts
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

    /// Removes all texts.
    public void clear() {
        while (evictOldest()) {
            // Until nothing is left.
        }
    }
}
