package dev.saiki.text.dataset;

import dev.saiki.io.Sha256;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/// A parallel encoder of documents that returns results in their order.
///
/// The caller's thread reads documents, cuts long ones where that does not change their token ids, and takes
/// finished parts from the front of a queue. The queue is short, so memory does not grow with the corpus.
final class ParallelEncoder implements AutoCloseable {

    private static final int WAITING_PER_WORKER = 6;

    /// An encoded part of a document.
    ///
    /// @param ids the ids of the part
    /// @param textBytes the length of the part's text in UTF-8
    /// @param hash a hash of the part's text
    /// @param last whether the document ends after this part
    @SuppressWarnings("ArrayRecordComponent") // The array is handed on and never compared.
    record Part(int[] ids, long textBytes, long hash, boolean last) {}

    private final Tokenizer tokenizer;
    private final int workers = Runtime.getRuntime().availableProcessors();
    private final ExecutorService pool = Executors.newFixedThreadPool(workers);
    private final ArrayDeque<Future<Part>> queue = new ArrayDeque<>();

    ParallelEncoder(Tokenizer tokenizer) {
        this.tokenizer = tokenizer;
    }

    /// A consumer of encoded parts.
    @FunctionalInterface
    interface PartConsumer {
        /// Receives the next part.
        void accept(Part part) throws IOException;
    }

    /// Encodes all documents.
    ///
    /// @param documents read on the calling thread
    /// @param consumer called on the calling thread, in order
    void encode(Iterator<Document> documents, PartConsumer consumer) throws IOException {
        while (documents.hasNext()) {
            List<String> parts = tokenizer.parts(documents.next().text());
            for (int i = 0; i < parts.size(); i++) {
                String part = parts.get(i);
                boolean last = i == parts.size() - 1;
                queue.add(pool.submit(() -> encode(part, last)));
                if (queue.size() >= WAITING_PER_WORKER * workers) {
                    consumer.accept(first());
                }
            }
        }
        while (!queue.isEmpty()) {
            consumer.accept(first());
        }
    }

    private Part first() {
        try {
            return queue.remove().get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while encoding", e);
        } catch (ExecutionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : new IllegalStateException(e.getCause());
        }
    }

    private Part encode(String text, boolean last) {
        return encode(tokenizer, text, last);
    }

    static Part encode(Tokenizer tokenizer, String text, boolean last) {
        String clean = Tokenizer.wellFormed(text);
        byte[] bytes = clean.getBytes(StandardCharsets.UTF_8);
        long hash = ByteBuffer.wrap(Sha256.digest().digest(bytes)).getLong();
        return new Part(tokenizer.encode(clean), bytes.length, hash, last);
    }

    @Override
    public void close() {
        pool.shutdownNow();
        pool.close();
    }
}
