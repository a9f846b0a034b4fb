package dev.saiki.spark;

import dev.saiki.io.InputException;
import dev.saiki.text.cleaning.CleaningOptions;
import dev.saiki.text.cleaning.Lineage;
import dev.saiki.text.dataset.DatasetLayout;
import dev.saiki.text.dataset.DocumentTable;
import dev.saiki.text.dataset.PrepareOptions;
import dev.saiki.text.dataset.ShardWriter;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.Serializable;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/// The preparation of a dataset on a cluster; the output equals that of `saiki data prepare`, byte for byte.
///
/// Documents are encoded where they are read, and kept on the executors' disks. The driver receives 24 bytes per
/// document, decides which documents to hold out and which shard each document belongs to, and returns one bit per
/// document. Then every shard is written by a task of its own.
public final class PrepareJob {

    private final JavaSparkContext spark;
    private final byte[] tokenizerJson;
    private final Tokenizer tokenizer;
    private final PrepareOptions options;

    /// Creates a job on a cluster.
    ///
    /// @param spark the cluster
    /// @param tokenizer the tokenizer that encodes the text
    /// @param options the share and seed of the held-out documents, and the size of the shards
    public PrepareJob(JavaSparkContext spark, Tokenizer tokenizer, PrepareOptions options) {
        this.spark = spark;
        this.tokenizer = tokenizer;
        this.options = options;
        tokenizerJson = tokenizer.json();
    }

    /// Writes a dataset.
    ///
    /// @param paths files, folders or globs, on file systems that all machines can access
    /// @param textField the field (JSONL) or column (Parquet) that holds the text
    /// @param rules the rules by which documents are left out
    /// @param partitions maximum number of tasks that read files; 0 for one per file
    /// @param out the dataset's folder, new or empty, on a file system that all machines can access
    /// @return the numbers of documents read and kept, by source
    /// @throws InputException if a path matches nothing, a file cannot be read, fewer than two documents are
    ///     kept, or the folder is not empty
    /// @throws IOException if a file system does not answer
    public Lineage write(List<String> paths, String textField, CleaningOptions rules, int partitions, String out)
            throws IOException {
        CorpusJob job = CorpusJob.of(spark, paths, textField, rules, partitions);
        SerializableConfiguration settings = job.settings();
        OutputDirectory folder = OutputDirectory.of(out, settings);
        folder.make();
        byte[] json = tokenizerJson;
        JavaRDD<EncodedItem> encoded = job.works()
                .mapPartitions(
                        works -> new EncodingIterator(works, rules, ExecutorTokenizer.of(json), settings.value()))
                .persist(StorageLevel.DISK_ONLY());
        List<SourceTable> tables = encoded.mapPartitions(PrepareJob::tables).collect().stream()
                .sorted(Comparator.comparingInt(table -> table.summary().source()))
                .toList();
        DocumentTable documents = new DocumentTable();
        tables.forEach(table -> table.addTo(documents));
        InputException.require(
                documents.size() >= 2,
                String.join(", ", paths),
                "a corpus for a cluster",
                "at least two documents after cleaning (`saiki data prepare` accepts one)",
                documents.size());
        DatasetLayout layout = DatasetLayout.of(documents, options);
        writeShards(encoded, layout, SourceTable.firstDocuments(tables), folder);
        encoded.unpersist();
        Lineage lineage = lineage(job, tables);
        finish(folder, layout, documents, lineage);
        return lineage;
    }

    private static Iterator<SourceTable> tables(Iterator<EncodedItem> items) {
        List<SourceTable> tables = new ArrayList<>();
        SourceTable.Builder table = new SourceTable.Builder();
        while (items.hasNext()) {
            switch (items.next()) {
                case EncodedItem.Encoded document -> table.add(document);
                case EncodedItem.Summary summary -> tables.add(table.end(summary));
            }
        }
        return tables.iterator();
    }

    /// A task that writes one shard.
    private record ShardTask(OutputDirectory folder, DatasetLayout layout, int vocabSize, int endOfTextId)
            implements Serializable {

        /// Writes the shard of a partition, whose documents arrive in order.
        void write(Iterator<Tuple2<ShardKey, EncodedItem.Encoded>> documents) throws IOException {
            if (!documents.hasNext()) {
                return;
            }
            TaskContext task = TaskContext.get();
            Path scratch = Files.createTempDirectory("saiki-shard");
            Path file = scratch.resolve(layout.fileName(task.partitionId()));
            try {
                try (ShardWriter shard = new ShardWriter(file, vocabSize, endOfTextId, false)) {
                    while (documents.hasNext()) {
                        EncodedItem.Encoded document = documents.next()._2();
                        shard.beginDocument(document.numTextBytes());
                        shard.ids(ByteBuffer.wrap(document.ids()));
                    }
                    shard.finish();
                }
                folder.write(
                        layout.fileName(task.partitionId()), task.taskAttemptId(), output -> Files.copy(file, output));
            } finally {
                Files.deleteIfExists(file);
                Files.deleteIfExists(scratch);
            }
        }
    }

    private void writeShards(
            JavaRDD<EncodedItem> encoded, DatasetLayout layout, int[] firstDocuments, OutputDirectory folder) {
        Broadcast<DatasetLayout> shared = spark.broadcast(layout);
        Broadcast<int[]> first = spark.broadcast(firstDocuments);
        int vocabSize = tokenizer.vocabSize();
        int endOfTextId = tokenizer.endOfTextId();
        encoded.filter(EncodedItem.Encoded.class::isInstance)
                .map(EncodedItem.Encoded.class::cast)
                .mapToPair(document -> {
                    int number = first.value()[document.source()] + document.number();
                    return new Tuple2<>(new ShardKey(shared.value().shard(number), number), document);
                })
                .repartitionAndSortWithinPartitions(new GroupPartitioner(layout.numShards()))
                .foreachPartition(
                        documents -> new ShardTask(folder, shared.value(), vocabSize, endOfTextId).write(documents));
        shared.destroy();
        first.destroy();
    }

    private static Lineage lineage(CorpusJob job, List<SourceTable> tables) {
        List<Lineage.Source> sources = new ArrayList<>();
        for (SourceTable table : tables) {
            EncodedItem.Summary summary = table.summary();
            sources.add(new Lineage.Source(
                    job.sources().get(summary.source()).file().name(),
                    Optional.of(summary.sha256()),
                    summary.counts()));
        }
        return new Lineage(job.options(), sources);
    }

    /// Writes the files beside the shards. The description is written last, since a folder without a description
    /// is not a dataset.
    private void finish(OutputDirectory folder, DatasetLayout layout, DocumentTable documents, Lineage lineage)
            throws IOException {
        String hash = folder.sha256(IntStream.range(0, layout.numShards())
                .mapToObj(layout::fileName)
                .toList());
        folder.write(TokenDataset.TOKENIZER_FILE, 0, output -> output.write(tokenizerJson));
        folder.write(Lineage.FILE, 0, output -> output.write(lineage.toJson()));
        folder.write(
                TokenDataset.DESCRIPTION_FILE,
                0,
                output -> output.write(layout.description(tokenizer, documents, options, hash)));
    }
}
