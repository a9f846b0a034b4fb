package dev.saiki.spark;

import dev.saiki.io.InputException;
import dev.saiki.text.tokenizer.BytePairTrainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The command that trains a tokenizer.
@Command(
        name = "tokenizer",
        mixinStandardHelpOptions = true,
        description = "Count words on the cluster, then train a byte-level BPE tokenizer on the driver.")
final class LearnTokenizerCommand implements Callable<Integer> {

    @Mixin
    private CorpusFlags corpus = new CorpusFlags();

    @Option(
            names = "--vocab-size",
            paramLabel = "N",
            required = true,
            description = "Number of tokens, at least " + BytePairTrainer.SMALLEST_VOCABULARY + ".")
    private int vocabSize;

    @Option(names = "--out", paramLabel = "FILE", required = true, description = "File to write, on the driver.")
    private Path out = Path.of("tokenizer.json");

    @Override
    public Integer call() throws IOException {
        InputException.require(!Files.exists(out), out.toString(), "the file to write", "new", "an existing file");
        try (JavaSparkContext spark = SaikiSpark.context()) {
            BytePairTrainer.train(new WordCountJob(spark).count(corpus.input(), corpus.cleaning()), vocabSize)
                    .save(out);
        }
        return 0;
    }
}
