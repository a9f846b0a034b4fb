package dev.saiki.engine.model;

import dev.saiki.engine.cache.KeyValueStore;
import dev.saiki.engine.cache.VisibleKeys;
import org.jspecify.annotations.Nullable;

/// One token in a batch of a stage.
///
/// @param span of the token
/// @param token index in the span
/// @param store where its own key and value go; none if it reuses the first recursion's
/// @param slot of its own key and value there
/// @param visible what it sees
record Row(Span span, int token, @Nullable KeyValueStore store, int slot, VisibleKeys visible) {

    static Row own(Span span, int token, KeyValueStore store) {
        int slot = store.add(span.position(token));
        return new Row(span, token, store, slot, new VisibleKeys.Own(store, slot));
    }

    static Row mixed(Span span, int token, KeyValueStore store, KeyValueStore first) {
        int slot = store.add(span.position(token));
        return new Row(span, token, store, slot, new VisibleKeys.Mixed(store, slot, first));
    }

    static Row shared(Span span, int token, KeyValueStore first) {
        return new Row(span, token, null, 0, new VisibleKeys.Shared(first, span.position(token) + 1));
    }

    int position() {
        return span.position(token);
    }
}
