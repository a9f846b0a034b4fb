package dev.saiki.engine;

import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.io.InputException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/// An embedder of many texts, which leaves room for other requests in the queue.
///
/// @param engine an engine that has a tokenizer
/// @param route depth settings; embeddings are comparable only if they were made with equal settings
public record TextEmbedder(Engine engine, RouteSettings route) {

    private static final int AT_ONCE = 16;

    /// The embeddings of several texts.
    ///
    /// @param embeddings the embeddings of the texts, in order
    /// @param tokens total number of tokens
    public record EmbeddedTexts(List<TextEmbedding> embeddings, int tokens) {

        /// Makes a defensive copy of the list.
        public EmbeddedTexts {
            embeddings = List.copyOf(embeddings);
        }
    }

    /// Embeds texts.
    ///
    /// @param texts any texts; an empty text is embedded as the beginning of a document
    /// @return the embeddings of the texts
    /// @throws InputException if a text is longer than the model's context
    /// @throws QueueFullException if the queue is full of other requests
    public EmbeddedTexts embed(List<String> texts) {
        Deque<CompletableFuture<TextEmbedding>> pending = new ArrayDeque<>();
        List<TextEmbedding> done = new ArrayList<>();
        int tokens = 0;
        try {
            for (String text : texts) {
                if (pending.size() == AT_ONCE) {
                    done.add(joined(pending.removeFirst()));
                }
                int[] ids = ids(text);
                tokens += ids.length;
                pending.addLast(begun(ids, pending, done));
            }
            while (!pending.isEmpty()) {
                done.add(joined(pending.removeFirst()));
            }
        } finally {
            pending.forEach(embedding -> embedding.cancel(true));
        }
        return new EmbeddedTexts(done, tokens);
    }

    /// Starts an embedding; if the queue is full, waits until one of the pending texts is done.
    private CompletableFuture<TextEmbedding> begun(
            int[] ids, Deque<CompletableFuture<TextEmbedding>> pending, List<TextEmbedding> done) {
        while (true) {
            try {
                return engine.embed(ids, route);
            } catch (QueueFullException full) {
                if (pending.isEmpty()) {
                    throw full;
                }
                done.add(joined(pending.removeFirst()));
            }
        }
    }

    private int[] ids(String text) {
        return engine.tokenizer().encodePrompt(text);
    }

    private static TextEmbedding joined(CompletableFuture<TextEmbedding> embedding) {
        try {
            return embedding.join();
        } catch (CompletionException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw e;
        }
    }
}
