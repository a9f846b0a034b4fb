package dev.saiki.model.attention;

import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The keys and values of the first recursion, which are kept for later recursions.
///
public final class KeyValues implements AutoCloseable {

    /// The source of a layer's keys and values (MoR paper, section 2.2.2 and appendix H.2).
    public sealed interface Source {
        /// The keys and values of those tokens that are active in the same step: recursion-wise caching.
        record Own() implements Source {}

        /// The keys and values of this step, which are kept for later steps.
        record OwnAndKeep() implements Source {}

        /// The keys and values of the first recursion: recursive sharing. Later recursions compute queries
        /// only.
        record Kept() implements Source {}

        /// The keys and values of the first recursion, except that active tokens have fresh ones: hybrid
        /// sharing.
        record KeptWithOwn() implements Source {}

        /// The keys and values of this step, including those of exited tokens: completion.
        ///
        /// @param left the exited tokens, with their states as the layer reads them
        record Completed(LeftTokens left) implements Source {}
    }

    /// Keys and values of one layer, for G key-value heads of K dimensions.
    ///
    /// @param keys `[B · T, G, K]`, rotated
    /// @param values `[B · T, G, K]`
    public record Entry(Tensor keys, Tensor values) {}

    private final Map<Integer, Entry> entries = new HashMap<>();

    void keep(int layer, Entry entry) {
        TensorScope.release(entry.keys());
        TensorScope.release(entry.values());
        entries.put(layer, entry);
    }

    Entry kept(int layer) {
        return Optional.ofNullable(entries.get(layer))
                .orElseThrow(() -> new IllegalStateException("layer " + layer + " has no kept keys and values"));
    }

    @Override
    public void close() {
        entries.values().forEach(entry -> {
            entry.keys().close();
            entry.values().close();
        });
        entries.clear();
    }
}
