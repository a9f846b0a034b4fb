package dev.saiki.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import dev.saiki.text.cleaning.CleanedCorpus;
import dev.saiki.text.cleaning.CleaningOptions;
import dev.saiki.text.cleaning.DocumentVerdict;
import dev.saiki.text.cleaning.DuplicateGroups;
import dev.saiki.text.cleaning.DuplicateRemoval;
import dev.saiki.text.cleaning.EvaluationSets;
import dev.saiki.text.cleaning.Lineage;
import dev.saiki.text.cleaning.QualityRules;
import dev.saiki.text.cleaning.SourceCounts;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.dataset.PrepareOptions;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.jar.JarFile;
import java.util.stream.LongStream;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.util.SerializableConfiguration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PrepareJobTest {

    private static final CleaningOptions RULES =
            new CleaningOptions(20, 0.5, 0.5, DuplicateRemoval.NEAR, CleaningOptions.DEFAULT_SIMILARITY);
    private static final PrepareOptions OPTIONS = new PrepareOptions(0.1, 3, 20_000);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    static Path folder;

    @SuppressWarnings("NullAway.Init")
    private static Path corpus;

    @SuppressWarnings("NullAway.Init")
    private static Tokenizer tokenizer;

    @SuppressWarnings("NullAway.Init")
    private static JavaSparkContext spark;

    @BeforeAll
    static void prepareOnOneMachine() throws IOException {
        corpus = SampleCorpus.small(Files.createDirectory(folder.resolve("corpus")), 200);
        CleanedCorpus cleaned = CleanedCorpus.of(Corpus.of(List.of(corpus)), RULES);
        tokenizer = BytePairTrainer.train(cleaned.corpus(), 600);
        TokenDataset.prepare(cleaned, tokenizer, folder.resolve("expected"), OPTIONS);
        spark = new JavaSparkContext(new SparkConf()
                .setMaster("local[2]")
                .setAppName("test")
                .set("spark.ui.enabled", "false")
                .set("spark.local.dir", folder.resolve("scratch").toString()));
        spark.hadoopConfiguration().set("fs.remote.impl", RemoteFiles.class.getName());
    }

    @AfterAll
    static void stop() {
        spark.close();
    }

    private static Lineage write(String path, int partitions, Path out) throws IOException {
        return new PrepareJob(spark, tokenizer, OPTIONS)
                .write(new CorpusInput(List.of(path), Corpus.TEXT_FIELD, 40_000, partitions), RULES, out.toString());
    }

    @Test
    void theBytesAreThoseOfOneMachineWhateverTheNumberOfPartitions() throws IOException {
        for (int partitions : new int[] {1, 2, 0}) {
            Path out = folder.resolve("partitions-" + partitions);
            Lineage lineage = write(corpus.toString(), partitions, out);
            DatasetFiles.assertSame(out, folder.resolve("expected"));
            assertThat(lineage.total().of(DocumentVerdict.EXACT_DUPLICATE)).isPositive();
            assertThat(lineage.total().of(DocumentVerdict.NEAR_DUPLICATE)).isPositive();
            assertThat(lineage.total().of(DocumentVerdict.TOO_SHORT)).isPositive();
        }
        assertThat(DatasetFiles.names(folder.resolve("expected"))).contains("train-00003.bin", "lineage.json");
    }

    @Test
    void everyRuleGivesTheBytesOfOneMachine() throws IOException {
        Path texts = Files.createDirectory(folder.resolve("ruled"));
        List<String> lines = new ArrayList<>();
        for (Document document :
                Corpus.builtIn().inPieces(2000).documents().limit(60).toList()) {
            int number = lines.size();
            lines.add(document.text().replace('\n', ' ') + "\nWrite to editor" + number + "@example.com.");
            lines.add("Als Gregor Samsa eines Morgens aus unruhigen Träumen erwachte, fand er sich verwandelt. "
                    + number);
            lines.add("Seite {" + number + "}");
            lines.add(document.text().replace('\n', ' ') + "\nThe end of piece " + number + " of all these pieces.");
        }
        Path evaluation =
                Files.writeString(folder.resolve("evaluation.txt"), lines.get(8).substring(200, 400));
        SampleCorpus.lines(Files.newOutputStream(texts.resolve("a.jsonl")), lines.subList(0, 150));
        SampleCorpus.lines(Files.newOutputStream(texts.resolve("b.jsonl")), lines.subList(150, lines.size()));
        CleaningOptions rules = new CleaningOptions(
                20,
                0.5,
                0.5,
                List.of("en"),
                List.of(QualityRules.GOPHER),
                EvaluationSets.of(List.of(evaluation)),
                true,
                DuplicateRemoval.EXACT,
                0.75,
                true);
        CleanedCorpus cleaned = CleanedCorpus.of(Corpus.of(List.of(texts)), rules);
        TokenDataset.prepare(cleaned, tokenizer, folder.resolve("ruled-expected"), OPTIONS);
        for (int partitions : new int[] {1, 3, 0}) {
            Path out = folder.resolve("ruled-" + partitions);
            SourceCounts counts = new PrepareJob(spark, tokenizer, OPTIONS)
                    .write(
                            new CorpusInput(List.of(texts.toString()), Corpus.TEXT_FIELD, 50_000, partitions),
                            rules,
                            out.toString())
                    .total();
            DatasetFiles.assertSame(out, folder.resolve("ruled-expected"));
            assertThat(counts.of(DocumentVerdict.OTHER_LANGUAGE)).isEqualTo(60);
            assertThat(counts.of(DocumentVerdict.TOO_SHORT)).isEqualTo(60);
            assertThat(counts.of(DocumentVerdict.CONTAMINATED)).isEqualTo(2);
            assertThat(counts.masked()).isPositive();
            assertThat(counts.repeatedParagraphs()).isGreaterThanOrEqualTo(50);
        }
    }

    @Test
    void groupsOfNearDuplicatesAreThoseOfOneMachine() {
        Random random = new Random(5);
        for (int pairs : new int[] {0, 1, 300, 600}) {
            List<NearGroups.Pair> found = new ArrayList<>();
            DuplicateGroups groups = new DuplicateGroups();
            for (int i = 0; i < pairs; i++) {
                long earlier = random.nextInt(500);
                long later = pairs == 300 ? earlier + 1 : earlier + 1 + random.nextInt(500);
                found.add(new NearGroups.Pair(earlier, later));
                groups.join(earlier, later);
            }
            assertThat(new NearGroups(3).leftOut(spark.parallelize(found, 3)).collect())
                    .containsExactlyInAnyOrderElementsOf(
                            LongStream.of(groups.leftOut()).boxed().toList());
        }
    }

    @Test
    void theDriverReceivesNoMoreForTenTimesTheText() throws IOException, TimeoutException {
        long[] received = new long[2];
        for (int round = 0; round < 2; round++) {
            Path texts = Files.createDirectory(folder.resolve("driver-" + round));
            List<String> lines = new ArrayList<>();
            for (int i = 0; i < (round == 0 ? 400 : 4000); i++) {
                lines.add("Text number " + i + ", which is " + Integer.toString(i * 7919, 36) + " in base 36.");
                lines.add("Text number " + i + ", which is " + Integer.toString(i * 7919, 36) + " in base 36.");
            }
            int half = lines.size() / 2;
            SampleCorpus.lines(Files.newOutputStream(texts.resolve("a.jsonl")), lines.subList(0, half));
            SampleCorpus.lines(Files.newOutputStream(texts.resolve("b.jsonl")), lines.subList(half, lines.size()));
            AtomicLong bytes = new AtomicLong();
            SparkListener results = new SparkListener() {
                @Override
                public void onTaskEnd(SparkListenerTaskEnd task) {
                    bytes.addAndGet(task.taskMetrics().resultSize());
                }
            };
            spark.sc().addSparkListener(results);
            new PrepareJob(spark, tokenizer, PrepareOptions.defaults())
                    .write(
                            new CorpusInput(List.of(texts.toString()), Corpus.TEXT_FIELD),
                            new CleaningOptions(0, 0, 1, DuplicateRemoval.EXACT, 0.75),
                            folder.resolve("driver-out-" + round).toString());
            spark.sc().listenerBus().waitUntilEmpty();
            spark.sc().removeSparkListener(results);
            received[round] = bytes.get();
        }
        assertThat(received[0]).isPositive();
        assertThat((double) received[1]).isLessThan(1.1 * received[0]);
    }

    @Test
    void filesOfAnotherFileSystemAreReadAndWritten() throws IOException {
        Path out = folder.resolve("remote");
        new PrepareJob(spark, tokenizer, OPTIONS)
                .write(
                        new CorpusInput(List.of("remote://" + corpus), Corpus.TEXT_FIELD, 30_000, 2),
                        RULES,
                        "remote://" + out);
        DatasetFiles.assertSame(out, folder.resolve("expected"));
    }

    @Test
    void aRelativeFolderIsThatOfTheDriver() throws IOException {
        SerializableConfiguration settings = new SerializableConfiguration(spark.hadoopConfiguration());
        assertThat(OutputDirectory.of("data", settings).uri())
                .isEqualTo("file:" + Path.of("data").toAbsolutePath());
    }

    @Test
    void theTokenizerIsThatOfOneMachine() throws IOException {
        Tokenizer trained = BytePairTrainer.train(
                new WordCountJob(spark).count(new CorpusInput(List.of(corpus.toString()), Corpus.TEXT_FIELD), RULES),
                600);
        assertThat(trained.hash()).isEqualTo(tokenizer.hash());
    }

    @Test
    void anOldDatasetIsNotWrittenOver() {
        assertThatThrownBy(() -> write(corpus.toString(), 1, folder.resolve("expected")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("must be new or empty");
    }

    @Test
    void aSingleDocumentIsLeftToOneMachine() throws IOException {
        Path single = Files.writeString(folder.resolve("single.txt"), "Only one document, which is long enough.");
        assertThatThrownBy(() -> write(single.toString(), 1, folder.resolve("single")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("at least two documents after cleaning")
                .hasMessageEndingWith("got 1");
    }

    @Test
    void theJobIsOneJarWithoutSpark() throws IOException {
        try (JarFile job = new JarFile(System.getProperty("job.jar"))) {
            assertThat(job.getManifest().getMainAttributes().getValue("Main-Class"))
                    .isEqualTo(SaikiSpark.class.getName());
            assertThat(job.stream().map(entry -> entry.getName()))
                    .contains("dev/saiki/text/dataset/ShardWriter.class", "picocli/CommandLine.class")
                    .noneMatch(name -> name.startsWith("org/apache/spark/") || name.startsWith("scala/"));
        }
    }
}
