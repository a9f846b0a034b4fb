package dev.saiki.spark;

import dev.saiki.text.cleaning.CleaningOptions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.util.SerializableConfiguration;

/// The sources of a corpus on a cluster, and the duplicates to leave out.
///
/// @param spark the cluster
/// @param options the rules
/// @param sources the sources, in order, with their duplicates
/// @param partitions maximum number of tasks that read sources
record CorpusJob(JavaSparkContext spark, CleaningOptions options, List<SourceWork> sources, int partitions) {

    CorpusJob {
        sources = List.copyOf(sources);
    }

    /// Lists the files, and finds the duplicates if the options leave out duplicates.
    ///
    /// @param partitions maximum number of tasks that read sources; 0 for one per source
    /// @throws dev.saiki.io.InputException if a path matches nothing, or a file cannot be read
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

    /// The sources, distributed over the tasks.
    JavaRDD<SourceWork> works() {
        return spark.parallelize(sources, partitions);
    }

    /// The settings of file systems in a serialisable form, for executors.
    SerializableConfiguration settings() {
        return new SerializableConfiguration(new Configuration(spark.hadoopConfiguration()));
    }
}
