package dev.saiki.spark;

import dev.saiki.text.cleaning.CleaningOptions;
import dev.saiki.text.cleaning.DuplicateKind;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/// The sources of a corpus on a cluster, and the duplicates to leave out.
///
/// @param spark the cluster
/// @param options the rules, which contain the evaluation sets and so are sent to each executor once
/// @param parts the sources, in order
/// @param partitions the number of tasks that read sources
/// @param marks the positions of duplicates, in the partitions and the order of the sources
record CorpusJob(
        JavaSparkContext spark,
        Broadcast<CleaningOptions> options,
        List<InputPart> parts,
        int partitions,
        JavaPairRDD<Long, DuplicateKind> marks) {

    CorpusJob {
        parts = List.copyOf(parts);
    }

    /// Lists the files, and finds the duplicates if the options leave out duplicates.
    ///
    /// @throws dev.saiki.io.InputException if a path matches nothing, or a file cannot be read
    /// @throws IOException if a file system does not answer
    static CorpusJob of(JavaSparkContext spark, CorpusInput input, CleaningOptions options) throws IOException {
        List<InputPart> parts = SourceFiles.find(input, spark.hadoopConfiguration());
        int tasks = input.partitions() == 0 ? parts.size() : Math.min(input.partitions(), parts.size());
        JavaRDD<Tuple2<Long, DuplicateKind>> none = spark.parallelize(List.of(), tasks);
        CorpusJob all = new CorpusJob(spark, spark.broadcast(options), parts, tasks, JavaPairRDD.fromJavaRDD(none));
        return options.comparesDocuments() ? new DuplicateSearch(all).mark() : all;
    }

    /// The same corpus with further duplicates.
    CorpusJob with(JavaPairRDD<Long, DuplicateKind> found) {
        return new CorpusJob(
                spark, options, parts, partitions, inOrder(marks.union(found)).persist(StorageLevel.DISK_ONLY()));
    }

    /// Values keyed by positions in the corpus, in the partitions and the order of the sources.
    <T> JavaPairRDD<Long, T> inOrder(JavaPairRDD<Long, T> values) {
        return values.repartitionAndSortWithinPartitions(new SourcePartitioner(parts.size(), partitions));
    }

    /// The sources, distributed over the tasks.
    JavaRDD<SourceWork> works() {
        return spark.parallelize(parts, partitions).zipPartitions(marks, MarkedSources::new);
    }

    /// The settings of file systems in a serialisable form, for executors.
    SerializableConfiguration settings() {
        return new SerializableConfiguration(new Configuration(spark.hadoopConfiguration()));
    }
}
