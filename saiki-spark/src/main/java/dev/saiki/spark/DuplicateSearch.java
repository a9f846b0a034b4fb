package dev.saiki.spark;

import dev.saiki.text.cleaning.CandidateBucket;
import dev.saiki.text.cleaning.CleaningOptions;
import dev.saiki.text.cleaning.DocumentFilter;
import dev.saiki.text.cleaning.DocumentPosition;
import dev.saiki.text.cleaning.DocumentSketch;
import dev.saiki.text.cleaning.DocumentVerdict;
import dev.saiki.text.cleaning.DuplicateGroups;
import dev.saiki.text.cleaning.DuplicateRemoval;
import dev.saiki.text.cleaning.MinHasher;
import dev.saiki.text.cleaning.TextHash;
import java.io.Serializable;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Queue;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import org.jspecify.annotations.Nullable;
import scala.Tuple2;

/// A search for duplicates on a cluster, by the rules of {@link dev.saiki.text.cleaning.CleanedCorpus}.
///
/// The search needs two shuffles: one groups copies of a text, the other groups documents that agree in a band of
/// their sketches. The driver receives the pairs found and merges them into groups, in about 200 bytes per
/// document with a near-duplicate.
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

    /// A pair of near-duplicates.
    ///
    /// @param earlier position, in the corpus, of the document that comes first
    /// @param later position, in the corpus, of the document that comes second
    record Pair(long earlier, long later) implements Serializable {}

    /// Returns the job with the duplicates marked.
    CorpusJob mark() {
        CleaningOptions options = job.options();
        SerializableConfiguration settings = job.settings();
        JavaRDD<Judged> judged = job.works()
                .mapPartitionsToPair(works -> sketches(works, options, settings))
                .repartitionAndSortWithinPartitions(new GroupPartitioner(job.partitions()))
                .mapPartitions(DuplicateSearch::judge)
                .persist(StorageLevel.DISK_ONLY());
        List<Long> copies = judged.filter(Judged::copy).map(Judged::position).collect();
        DuplicateGroups groups = new DuplicateGroups();
        if (options.duplicates() == DuplicateRemoval.NEAR) {
            double similarity = options.similarity();
            judged.mapPartitionsToPair(DuplicateSearch::bands)
                    .repartitionAndSortWithinPartitions(new GroupPartitioner(job.partitions()))
                    .mapPartitions(documents -> new PairIterator(documents, similarity))
                    .distinct()
                    .collect()
                    .forEach(pair -> groups.join(pair.earlier(), pair.later()));
        }
        judged.unpersist();
        List<SourceWork> marked = job.sources().stream()
                .map(work -> new SourceWork(work.file(), new BitSet(), new BitSet()))
                .toList();
        for (long position : copies) {
            marked.get(DocumentPosition.source(position)).copies().set(DocumentPosition.number(position));
        }
        for (long position : groups.leftOut()) {
            marked.get(DocumentPosition.source(position)).nearDuplicates().set(DocumentPosition.number(position));
        }
        return job.with(marked);
    }

    private static Iterator<Tuple2<TextKey, List<DocumentSketch>>> sketches(
            Iterator<SourceWork> works, CleaningOptions options, SerializableConfiguration settings) {
        return new SketchIterator(works, options, settings);
    }

    private static Iterator<Judged> judge(Iterator<Tuple2<TextKey, List<DocumentSketch>>> sorted) {
        List<TextHash> last = new ArrayList<>();
        return stream(sorted)
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
        return stream(documents)
                .flatMap(document -> Stream.ofNullable(document.sketch())
                        .flatMap(sketch -> IntStream.range(0, MinHasher.BANDS)
                                .mapToObj(band -> new Tuple2<>(
                                        new BandKey(band, sketch.bands()[band], document.position()),
                                        sketch.signature()))))
                .iterator();
    }

    private static <T> Stream<T> stream(Iterator<T> iterator) {
        Iterable<T> once = () -> iterator;
        return StreamSupport.stream(once.spliterator(), false);
    }

    /// The sketches of several sources' documents, except documents that the rules leave out.
    private static final class SketchIterator implements Iterator<Tuple2<TextKey, List<DocumentSketch>>> {

        private final Iterator<SourceWork> works;
        private final SerializableConfiguration settings;
        private final DocumentFilter filter;
        private final MinHasher hasher = new MinHasher();
        private final boolean near;
        private @Nullable SourceReader reader;
        private @Nullable Tuple2<TextKey, List<DocumentSketch>> ready;
        private int source;
        private int number;

        SketchIterator(Iterator<SourceWork> works, CleaningOptions options, SerializableConfiguration settings) {
            this.works = works;
            this.settings = settings;
            filter = new DocumentFilter(options);
            near = options.duplicates() == DuplicateRemoval.NEAR;
        }

        @Override
        public boolean hasNext() {
            while (ready == null) {
                if (reader != null && reader.hasNext()) {
                    take(reader.next());
                } else if (works.hasNext()) {
                    open(works.next().file());
                } else {
                    return false;
                }
            }
            return true;
        }

        private void open(InputFile file) {
            if (reader != null) {
                reader.close();
            }
            reader = new SourceReader(file, settings.value());
            source = file.number();
            number = 0;
        }

        private void take(String text) {
            if (filter.judge(text) == DocumentVerdict.KEPT) {
                Optional<DocumentSketch> sketch = near ? hasher.sketch(text) : Optional.empty();
                ready = new Tuple2<>(
                        new TextKey(TextHash.of(text), DocumentPosition.of(source, number)),
                        sketch.map(List::of).orElse(List.of()));
            }
            number++;
        }

        @Override
        public Tuple2<TextKey, List<DocumentSketch>> next() {
            if (!hasNext() || ready == null) {
                throw new NoSuchElementException("no document is left");
            }
            Tuple2<TextKey, List<DocumentSketch>> document = ready;
            ready = null;
            return document;
        }
    }

    /// The near-duplicates in a partition's buckets. The documents arrive bucket by bucket.
    private static final class PairIterator implements Iterator<Pair> {

        private final Iterator<Tuple2<BandKey, byte[]>> documents;
        private final double similarity;
        private final Queue<Pair> found = new ArrayDeque<>();
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
                bucket.add(last.position(), next._2(), (earlier, later) -> found.add(new Pair(earlier, later)));
            }
            return !found.isEmpty();
        }

        @Override
        public Pair next() {
            if (!hasNext()) {
                throw new NoSuchElementException("no pair is left");
            }
            return found.remove();
        }
    }
}
