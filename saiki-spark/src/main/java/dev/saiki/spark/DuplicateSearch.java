package dev.saiki.spark;

import dev.saiki.text.cleaning.CandidateBucket;
import dev.saiki.text.cleaning.CleaningOptions;
import dev.saiki.text.cleaning.DocumentPosition;
import dev.saiki.text.cleaning.DocumentSketch;
import dev.saiki.text.cleaning.DuplicateKind;
import dev.saiki.text.cleaning.DuplicateRemoval;
import dev.saiki.text.cleaning.MinHasher;
import dev.saiki.text.cleaning.Paragraphs;
import dev.saiki.text.cleaning.TextHash;
import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Queue;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/// A search for duplicates on a cluster, by the rules of {@link dev.saiki.text.cleaning.CleanedCorpus}.
///
/// Shuffles group copies of a text, documents that agree in a band of their sketches, and equal paragraphs. Nothing
/// that grows with the corpus reaches the driver.
final class DuplicateSearch {

    private final CorpusJob job;

    DuplicateSearch(CorpusJob job) {
        this.job = job;
    }

    /// A document after the search for copies.
    ///
    /// @param position the document's position in the corpus
    /// @param copy whether an earlier document has the same text
    /// @param sketch the document's sketch; null if the document is a copy, has no words, or needs no sketch
    record Judged(long position, boolean copy, @Nullable DocumentSketch sketch) implements Serializable {}

    /// Returns the job with the duplicates marked.
    CorpusJob mark() {
        CleaningOptions options = job.options().value();
        CorpusJob marked = options.duplicates() == DuplicateRemoval.NONE ? job : markDocuments(options);
        return options.uniqueParagraphs() ? markParagraphs(marked) : marked;
    }

    private CorpusJob markDocuments(CleaningOptions options) {
        boolean near = options.duplicates() == DuplicateRemoval.NEAR;
        Broadcast<CleaningOptions> shared = job.options();
        SerializableConfiguration settings = job.settings();
        JavaRDD<Judged> judged = judged(job.works()
                        .mapPartitionsToPair(
                                works -> sketches(new SourceItems(works, shared.value(), settings.value()), near)))
                .persist(StorageLevel.DISK_ONLY());
        CorpusJob marked = job.with(marks(copies(judged), DuplicateKind.COPY));
        if (near) {
            double similarity = options.similarity();
            JavaRDD<NearGroups.Pair> pairs = judged.mapPartitionsToPair(DuplicateSearch::bands)
                    .repartitionAndSortWithinPartitions(new GroupPartitioner(job.partitions()))
                    .mapPartitions(documents -> new PairIterator(documents, similarity));
            JavaRDD<Long> later = new NearGroups(job.partitions()).leftOut(pairs);
            return marked.with(marks(later, DuplicateKind.NEAR_DUPLICATE));
        }
        return marked;
    }

    private CorpusJob markParagraphs(CorpusJob marked) {
        Broadcast<CleaningOptions> shared = job.options();
        SerializableConfiguration settings = job.settings();
        JavaRDD<Judged> judged = judged(marked.works()
                .mapPartitionsToPair(works -> paragraphs(new SourceItems(works, shared.value(), settings.value()))));
        return marked.with(marks(copies(judged), DuplicateKind.PARAGRAPH));
    }

    private JavaRDD<Judged> judged(JavaPairRDD<TextKey, List<DocumentSketch>> texts) {
        return texts.repartitionAndSortWithinPartitions(new GroupPartitioner(job.partitions()))
                .mapPartitions(DuplicateSearch::judge);
    }

    private static JavaRDD<Long> copies(JavaRDD<Judged> judged) {
        return judged.filter(Judged::copy).map(Judged::position);
    }

    private static JavaPairRDD<Long, DuplicateKind> marks(JavaRDD<Long> positions, DuplicateKind kind) {
        return positions.mapToPair(position -> new Tuple2<>(position, kind));
    }

    private static Iterator<Tuple2<TextKey, List<DocumentSketch>>> sketches(SourceItems items, boolean near) {
        MinHasher hasher = new MinHasher();
        return items.documents()
                .map(document -> {
                    Optional<DocumentSketch> sketch = near ? hasher.sketch(document.text()) : Optional.empty();
                    return new Tuple2<>(
                            new TextKey(TextHash.of(document.text()), document.position()),
                            sketch.map(List::of).orElse(List.of()));
                })
                .iterator();
    }

    /// The paragraphs of kept documents, numbered by source.
    private static Iterator<Tuple2<TextKey, List<DocumentSketch>>> paragraphs(SourceItems items) {
        int[] numbered = {-1, 0};
        return items.documents()
                .flatMap(document -> {
                    int source = DocumentPosition.source(document.position());
                    numbered[1] = source == numbered[0] ? numbered[1] : 0;
                    numbered[0] = source;
                    return Paragraphs.hashes(document.text()).stream()
                            .map(hash -> new Tuple2<>(
                                    new TextKey(hash, DocumentPosition.of(source, numbered[1]++)),
                                    List.<DocumentSketch>of()));
                })
                .iterator();
    }

    private static Iterator<Judged> judge(Iterator<Tuple2<TextKey, List<DocumentSketch>>> sorted) {
        List<TextHash> last = new ArrayList<>();
        return SourceItems.stream(sorted)
                .map(document -> {
                    TextKey key = document._1();
                    boolean copy = !last.isEmpty() && last.getFirst().equals(key.text());
                    last.clear();
                    last.add(key.text());
                    List<DocumentSketch> sketch = document._2();
                    return new Judged(key.position(), copy, copy || sketch.isEmpty() ? null : sketch.getFirst());
                })
                .iterator();
    }

    private static Iterator<Tuple2<BandKey, byte[]>> bands(Iterator<Judged> documents) {
        return SourceItems.stream(documents)
                .flatMap(document -> Stream.ofNullable(document.sketch())
                        .flatMap(sketch -> IntStream.range(0, MinHasher.BANDS)
                                .mapToObj(band -> new Tuple2<>(
                                        new BandKey(band, sketch.bands()[band], document.position()),
                                        sketch.signature()))))
                .iterator();
    }

    /// The near-duplicates in a partition's buckets. The documents arrive bucket by bucket.
    private static final class PairIterator implements Iterator<NearGroups.Pair> {

        private final Iterator<Tuple2<BandKey, byte[]>> documents;
        private final double similarity;
        private final Queue<NearGroups.Pair> found = new ArrayDeque<>();
        private CandidateBucket bucket;
        private @Nullable BandKey last;

        PairIterator(Iterator<Tuple2<BandKey, byte[]>> documents, double similarity) {
            this.documents = documents;
            this.similarity = similarity;
            bucket = new CandidateBucket(similarity);
        }

        @Override
        public boolean hasNext() {
            while (found.isEmpty() && documents.hasNext()) {
                Tuple2<BandKey, byte[]> next = documents.next();
                if (last == null || !last.sharesBucket(next._1())) {
                    bucket = new CandidateBucket(similarity);
                }
                last = next._1();
                bucket.add(
                        last.position(), next._2(), (earlier, later) -> found.add(new NearGroups.Pair(earlier, later)));
            }
            return !found.isEmpty();
        }

        @Override
        public NearGroups.Pair next() {
            if (!hasNext()) {
                throw new NoSuchElementException("no pair is left");
            }
            return found.remove();
        }
    }
}
