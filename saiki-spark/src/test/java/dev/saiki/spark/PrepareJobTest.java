package dev.saiki.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import dev.saiki.text.cleaning.CleanedCorpus;
import dev.saiki.text.cleaning.CleaningOptions;
import dev.saiki.text.cleaning.DocumentVerdict;
import dev.saiki.text.cleaning.DuplicateRemoval;
import dev.saiki.text.cleaning.Lineage;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.dataset.PrepareOptions;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import org.apache.spark.SparkConf;
import org.apache.spark.api.java.JavaSparkContext;
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
                .write(List.of(path), Corpus.TEXT_FIELD, RULES, partitions, out.toString());
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
    void filesOfAnotherFileSystemAreReadAndWritten() throws IOException {
        Path out = folder.resolve("remote");
        new PrepareJob(spark, tokenizer, OPTIONS)
                .write(List.of("remote://" + corpus), Corpus.TEXT_FIELD, RULES, 2, "remote://" + out);
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
                new WordCountJob(spark).count(List.of(corpus.toString()), Corpus.TEXT_FIELD, RULES, 2), 600);
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
