package dev.saiki.spark;

import dev.saiki.text.cleaning.CleaningOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/// The sources of a corpus on a cluster, with the documents to leave out.
///
/// @param spark the cluster
/// @param options the rules
/// @param sources the sources, in order, with the duplicates that were found
/// @param partitions how many tasks read sources, at most
record CorpusJob(JavaSparkContext spark, CleaningOptions options, List<SourceWork> sources, int partitions) {

    CorpusJob {
        sources = List.copyOf(sources);
    }

    /// Finds files, and the duplicates in them if any are to be left out.
    ///
    /// @param partitions how many tasks read sources, at most; 0 for one a source
    /// @throws dev.saiki.io.InputException if a path finds nothing, or a file cannot be read
    /// @throws IOException if a file system does not answer
    static CorpusJob of(
            JavaSparkContext spark, List<String> paths, String textField, CleaningOptions options, int partitions)
            throws IOException {
        List<SourceWork> found = new ArrayList<>();
        for (InputFile file : SourceFiles.find(paths, textField, spark.hadoopConfiguration())) {
            found.add(SourceWork.of(file));
        }
        int tasks = partitions == 0 ? found.size() : Math.min(partitions, found.size());
        CorpusJob all = new CorpusJob(spark, options, found, tasks);
        return options.comparesDocuments() ? new DuplicateSearch(all).mark() : all;
    }

    CorpusJob with(List<SourceWork> marked) {
        return new CorpusJob(spark, options, marked, partitions);
    }

    /// The sources as tasks.
    JavaRDD<SourceWork> works() {
        return spark.parallelize(sources, partitions);
    }

    /// The settings of file systems, in a form that goes to executors.
    SerializableConfiguration settings() {
        return new SerializableConfiguration(new Configuration(spark.hadoopConfiguration()));
    }
}
