package dev.saiki.text.dataset;

import dev.saiki.io.Sha256;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.corpus.MarkedAnswer;
import dev.saiki.text.hash.SplitMix64;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
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

    /// A part of a document that is encoded by itself.
    ///
    /// @param text the part
    /// @param answers the marked answers in it, truncated to the part, by their places in the part
    /// @param last whether the document ends here
    record Piece(String text, List<MarkedAnswer> answers, boolean last) {

        /// Cuts a document into parts with the same words as the whole.
        static List<Piece> of(Document document, Tokenizer tokenizer) {
            List<String> texts = tokenizer.parts(document.text());
            List<Piece> pieces = new ArrayList<>();
            int start = 0;
            for (int i = 0; i < texts.size(); i++) {
                int from = start;
                int end = start + texts.get(i).length();
                List<MarkedAnswer> inside = document.answers().stream()
                        .filter(answer -> answer.start() < end && answer.end() > from)
                        .map(answer -> new MarkedAnswer(
                                Math.max(answer.start(), from) - from,
                                Math.min(answer.end(), end) - from,
                                answer.difficulty()))
                        .toList();
                pieces.add(new Piece(texts.get(i), inside, i == texts.size() - 1));
                start = end;
            }
            return pieces;
        }
    }

    /// An encoded part of a document.
    ///
    /// @param ids the ids of the part
    /// @param marked the indices of ids that belong to marked answers
    /// @param textBytes the length of the part's text in UTF-8
    /// @param hash a hash of the part's text
    /// @param last whether the document ends after this part
    @SuppressWarnings("ArrayRecordComponent") // The array is handed on and never compared.
    record Part(int[] ids, BitSet marked, long textBytes, long hash, boolean last) {}

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
            for (Piece piece : Piece.of(documents.next(), tokenizer)) {
                queue.add(pool.submit(() -> encode(tokenizer, piece)));
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

    static Part encode(Tokenizer tokenizer, Piece piece) {
        String clean = Tokenizer.wellFormed(piece.text());
        byte[] bytes = clean.getBytes(StandardCharsets.UTF_8);
        long hash = ByteBuffer.wrap(Sha256.digest().digest(bytes)).getLong();
        int[] ids = tokenizer.encode(clean);
        for (MarkedAnswer answer : piece.answers()) {
            hash = SplitMix64.mix(SplitMix64.mix(hash, answer.start()), answer.end());
        }
        return new Part(ids, MarkedTokens.of(tokenizer, ids, clean, piece.answers()), bytes.length, hash, piece.last());
    }

    @Override
    public void close() {
        pool.shutdownNow();
        pool.close();
    }
}
