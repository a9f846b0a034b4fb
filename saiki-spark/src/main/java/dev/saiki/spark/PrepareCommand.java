package dev.saiki.spark;

import dev.saiki.text.dataset.PrepareOptions;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.apache.spark.api.java.JavaSparkContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The command that writes a dataset.
@Command(
        name = "prepare",
        mixinStandardHelpOptions = true,
        description = "Encode text into token shards, and hold out whole documents for validation.")
final class PrepareCommand implements Callable<Integer> {

    @Mixin
    private CorpusFlags corpus = new CorpusFlags();

    @Option(
            names = "--tokenizer",
            paramLabel = "FILE",
            required = true,
            description = "Path of tokenizer.json on the driver.")
    private Path tokenizerFile = Path.of("tokenizer.json");

    @Option(
            names = "--out",
            paramLabel = "DIR",
            required = true,
            description = "Folder to write, on a file system that all machines can access.")
    private String out = "";

    @Option(
            names = "--validation-fraction",
            paramLabel = "F",
            defaultValue = "" + PrepareOptions.DEFAULT_VALIDATION_FRACTION,
            description = "Share of the tokens to hold out (default: ${DEFAULT-VALUE}).")
    private double validationFraction;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Seed of the choice of held-out documents (default: 0).")
    private long seed;

    @Override
    public Integer call() throws IOException {
        PrepareOptions options = PrepareOptions.defaults()
                .withValidationFraction(validationFraction)
                .withSeed(seed);
        Tokenizer tokenizer = Tokenizer.load(tokenizerFile);
        try (JavaSparkContext spark = SaikiSpark.context()) {
            new PrepareJob(spark, tokenizer, options).write(corpus.input(), corpus.cleaning(), out);
        }
        return 0;
    }
}
