package dev.saiki.engine.model;

import dev.saiki.engine.cache.KeyValueStore;
import dev.saiki.engine.cache.VisibleKeys;
import org.jspecify.annotations.Nullable;

/// One token in a batch of a stage.
///
/// @param chunk of the token
/// @param token index in the chunk
/// @param step recursion step whose weights it meets
/// @param store where its own key and value go; none if it reuses the first recursion's
/// @param slot of its own key and value there
/// @param visible what it sees
record Row(TokenChunk chunk, int token, int step, @Nullable KeyValueStore store, int slot, VisibleKeys visible) {

    static Row own(TokenChunk chunk, int token, KeyValueStore store) {
        return own(chunk, token, chunk.step(), store);
    }

    /// A token at a step that its chunk need not be at.
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
