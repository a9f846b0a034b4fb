package dev.saiki.spark;

import dev.saiki.io.InputException;
import dev.saiki.text.cleaning.CleaningOptions;
import dev.saiki.text.cleaning.DocumentVerdict;
import dev.saiki.text.cleaning.Lineage;
import dev.saiki.text.dataset.EncodedDocument;
import dev.saiki.text.dataset.PrepareOptions;
import dev.saiki.text.dataset.ShardAssignment;
import dev.saiki.text.dataset.ShardWriter;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaPairRDD;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.storage.StorageLevel;
import org.apache.spark.util.SerializableConfiguration;
import scala.Tuple2;

/// The preparation of a dataset on a cluster; the output equals that of `saiki data prepare`, byte for byte.
///
/// Documents are encoded where they are read, and kept on the executors' disks. Executors also choose the held-out
/// documents and number the shards; the driver carries only the running state of both from one partition to the
/// next. Then every shard is written by a task of its own. The driver's memory holds one record per source and
/// per shard.
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
    /// @param input the files
    /// @param rules the rules by which documents are cleaned and left out
    /// @param out the dataset's folder, new or empty, on a file system that all machines can access
    /// @return the numbers of documents read and kept, by source
    /// @throws InputException if a path matches nothing, a file cannot be read, fewer than two documents are
    ///     kept, or the folder is not empty
    /// @throws IOException if a file system does not answer
    public Lineage write(CorpusInput input, CleaningOptions rules, String out) throws IOException {
        CorpusJob job = CorpusJob.of(spark, input, rules);
        SerializableConfiguration settings = job.settings();
        OutputDirectory folder = OutputDirectory.of(out, settings);
        folder.make();
        Broadcast<CleaningOptions> shared = job.options();
        byte[] json = tokenizerJson;
        JavaRDD<EncodedItem> encoded = job.works()
                .mapPartitions(works -> encoded(
                        new SourceItems(works, shared.value(), settings.value()),
                        ExecutorTokenizer.of(json),
                        settings.value()))
                .persist(StorageLevel.DISK_ONLY());
        Lineage lineage = lineage(job, encoded);
        long kept = lineage.total().of(DocumentVerdict.KEPT);
        InputException.require(
                kept >= 2,
                String.join(", ", input.paths()),
                "a corpus for a cluster",
                "at least two documents after cleaning (`saiki data prepare` accepts one)",
                kept);
        ShardAssignment shards = writeShards(job, encoded, folder);
        encoded.unpersist();
        finish(folder, shards, lineage);
        return lineage;
    }

    private static Iterator<EncodedItem> encoded(SourceItems items, Tokenizer tokenizer, Configuration settings) {
        return SourceItems.stream(items)
                .map(item -> switch (item) {
                    case SourceItem.Kept document -> encoded(document, tokenizer);
                    case SourceItem.Ended end ->
                        new EncodedItem.Summary(
                                end.part().number(),
                                end.counts(),
                                end.part().from() == 0 ? LocalCopy.sha256(end.part(), settings) : "");
                })
                .iterator();
    }

    private static EncodedItem encoded(SourceItem.Kept document, Tokenizer tokenizer) {
        EncodedDocument ids = EncodedDocument.of(tokenizer, document.text());
        return new EncodedItem.Encoded(
                ids.ids(), new EncodedItem.Row(document.position(), ids.numTokens(), ids.numTextBytes(), ids.hash()));
    }

    /// The counts of each file, whose parts follow one another.
    private static Lineage lineage(CorpusJob job, JavaRDD<EncodedItem> encoded) {
        List<EncodedItem.Summary> summaries =
                encoded
                        .filter(EncodedItem.Summary.class::isInstance)
                        .map(EncodedItem.Summary.class::cast)
                        .collect()
                        .stream()
                        .sorted(Comparator.comparingInt(EncodedItem.Summary::source))
                        .toList();
        List<Lineage.Source> sources = new ArrayList<>();
        for (EncodedItem.Summary summary : summaries) {
            InputPart part = job.parts().get(summary.source());
            if (part.from() == 0) {
                sources.add(new Lineage.Source(part.name(), Optional.of(summary.sha256()), summary.counts()));
            } else {
                Lineage.Source file = sources.removeLast();
                sources.add(new Lineage.Source(
                        file.name(), file.sha256(), file.counts().plus(summary.counts())));
            }
        }
        return new Lineage(job.options().value(), sources);
    }

    /// A task that writes one shard.
    private record ShardTask(OutputDirectory folder, String name, int vocabSize, int endOfTextId) {

        /// Writes the shard of a partition, whose documents arrive in order.
        void write(Iterator<Tuple2<ShardKey, EncodedItem.Encoded>> documents) throws IOException {
            Path scratch = Files.createTempDirectory("saiki-shard");
            Path file = scratch.resolve(name);
            try {
                try (ShardWriter shard = new ShardWriter(file, vocabSize, endOfTextId, false)) {
                    while (documents.hasNext()) {
                        EncodedItem.Encoded document = documents.next()._2();
                        shard.beginDocument(document.row().numTextBytes());
                        shard.ids(ByteBuffer.wrap(document.ids()));
                    }
                    shard.finish();
                }
                folder.write(name, TaskContext.get().taskAttemptId(), output -> Files.copy(file, output));
            } finally {
                Files.deleteIfExists(file);
                Files.deleteIfExists(scratch);
            }
        }
    }

    /// Writes the shards, and returns the assignment of all documents.
    private ShardAssignment writeShards(CorpusJob job, JavaRDD<EncodedItem> encoded, OutputDirectory folder) {
        JavaRDD<EncodedItem.Encoded> documents =
                encoded.filter(EncodedItem.Encoded.class::isInstance).map(EncodedItem.Encoded.class::cast);
        JavaRDD<EncodedItem.Row> rows = documents.map(EncodedItem.Encoded::row).persist(StorageLevel.DISK_ONLY());
        JavaPairRDD<Long, Boolean> held = job.inOrder(new HeldOutSearch(options, job.partitions())
                        .choose(rows)
                        .mapToPair(at -> new Tuple2<>(at, true)))
                .persist(StorageLevel.DISK_ONLY());
        RunningState<ShardAssignment> shards = RunningState.over(
                rows.zipPartitions(held, (all, chosen) -> HeldOutSearch.marked(all, EncodedItem.Row::position, chosen)),
                new ShardAssignment(options),
                _ -> false,
                (assignment, all) -> all.forEachRemaining(row -> shard(assignment, row._1(), row._2())));
        Broadcast<List<ShardAssignment>> starts = spark.broadcast(shards.starts());
        List<String> files = shards.end().files();
        int numTrainShards = shards.end().numTrainShards();
        int vocabSize = tokenizer.vocabSize();
        int endOfTextId = tokenizer.endOfTextId();
        documents
                .zipPartitions(
                        held,
                        (all, chosen) -> HeldOutSearch.marked(
                                all, document -> document.row().position(), chosen))
                .mapPartitionsToPair(all -> {
                    ShardAssignment assignment = starts.value().get(TaskContext.getPartitionId());
                    return keyed(assignment, numTrainShards, all);
                })
                .repartitionAndSortWithinPartitions(new GroupPartitioner(files.size()))
                .foreachPartition(
                        sorted -> new ShardTask(folder, files.get(TaskContext.getPartitionId()), vocabSize, endOfTextId)
                                .write(sorted));
        return shards.end();
    }

    private static int shard(ShardAssignment assignment, EncodedItem.Row row, boolean isHeldOut) {
        return assignment.assign(isHeldOut, row.numTokens(), row.numTextBytes());
    }

    /// The documents with the shards to which they belong; held-out documents are in the last shards.
    private static Iterator<Tuple2<ShardKey, EncodedItem.Encoded>> keyed(
            ShardAssignment assignment, int numTrainShards, Iterator<Tuple2<EncodedItem.Encoded, Boolean>> documents) {
        return SourceItems.stream(documents)
                .map(document -> {
                    EncodedItem.Row row = document._1().row();
                    int shard = shard(assignment, row, document._2()) + (document._2() ? numTrainShards : 0);
                    return new Tuple2<>(new ShardKey(shard, row.position()), document._1());
                })
                .iterator();
    }

    /// Writes the files beside the shards. The description is written last, since a folder without a description
    /// is not a dataset.
    private void finish(OutputDirectory folder, ShardAssignment shards, Lineage lineage) throws IOException {
        String hash = folder.sha256(shards.files());
        folder.write(TokenDataset.TOKENIZER_FILE, 0, output -> output.write(tokenizerJson));
        folder.write(Lineage.FILE, 0, output -> output.write(lineage.toJson()));
        folder.write(
                TokenDataset.DESCRIPTION_FILE, 0, output -> output.write(shards.description(tokenizer, options, hash)));
    }
}
