package dev.saiki.spark;

import dev.saiki.text.cleaning.CleaningOptions;
import dev.saiki.text.tokenizer.TextChunks;
import dev.saiki.text.tokenizer.WordCounts;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/// The word count of a corpus on a cluster, from which the driver trains the same tokenizer as
/// `saiki tokenizer train`.
public final class WordCountJob {

    private final JavaSparkContext spark;

    /// Creates a job on a cluster.
    ///
    /// @param spark the cluster
    public WordCountJob(JavaSparkContext spark) {
        this.spark = spark;
    }

    /// Counts words.
    ///
    /// @param input the files
    /// @param rules the rules by which documents are cleaned and left out
    /// @return the distinct words of the kept documents, with their counts
    /// @throws dev.saiki.io.InputException if a path matches nothing, or a file cannot be read
    /// @throws IOException if a file system does not answer
    public WordCounts count(CorpusInput input, CleaningOptions rules) throws IOException {
        CorpusJob job = CorpusJob.of(spark, input, rules);
        Broadcast<CleaningOptions> shared = job.options();
        SerializableConfiguration settings = job.settings();
        WordCounts words = new WordCounts();
        job.works()
                .mapPartitionsToPair(works -> counted(new SourceItems(works, shared.value(), settings.value())))
                .reduceByKey(Long::sum)
                .collect()
                .forEach(word -> words.add(word._1().getBytes(StandardCharsets.ISO_8859_1), word._2()));
        return words;
    }

    /// Words are strings with one character per byte: such a string has a hash code and takes one byte per
    /// character.
    private static Iterator<Tuple2<String, Long>> counted(SourceItems items) {
        WordCounts counts = new WordCounts();
        items.documents().forEach(document -> TextChunks.of(document.text()).forEach(counts::addText));
        return IntStream.range(0, counts.size())
                .mapToObj(word ->
                        new Tuple2<>(new String(counts.word(word), StandardCharsets.ISO_8859_1), counts.count(word)))
                .iterator();
    }
}
