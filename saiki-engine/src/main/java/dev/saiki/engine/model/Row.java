package dev.saiki.engine.model;

import dev.saiki.engine.cache.KeyValueStore;
import dev.saiki.engine.cache.VisibleKeys;
import org.jspecify.annotations.Nullable;

/// A token in the batch of a stage.
///
/// @param chunk the chunk of the token
/// @param token index in the chunk
/// @param step recursion step whose weights are applied to the token
/// @param store store of the token's own key and value; null if the token reuses the key and value of the first
///     recursion
/// @param slot slot of the token's own key and value in the store
/// @param visible keys and values that the token attends to
record Row(TokenChunk chunk, int token, int step, @Nullable KeyValueStore store, int slot, VisibleKeys visible) {

    static Row own(TokenChunk chunk, int token, KeyValueStore store) {
        return own(chunk, token, chunk.step(), store);
    }

    /// A token at a step that may differ from its chunk's step.
    static Row own(TokenChunk chunk, int token, int step, KeyValueStore store) {
        int slot = store.add(chunk.position(token));
        return new Row(chunk, token, step, store, slot, new VisibleKeys.Own(store, slot));
    }

    static Row mixed(TokenChunk chunk, int token, KeyValueStore store, KeyValueStore first) {
        int slot = store.add(chunk.position(token));
        return new Row(chunk, token, chunk.step(), store, slot, new VisibleKeys.Mixed(store, slot, first));
    }

    static Row shared(TokenChunk chunk, int token, KeyValueStore first) {
        return new Row(chunk, token, chunk.step(), null, 0, new VisibleKeys.Shared(first, chunk.position(token) + 1));
    }

    int position() {
        return chunk.position(token);
    }
}
