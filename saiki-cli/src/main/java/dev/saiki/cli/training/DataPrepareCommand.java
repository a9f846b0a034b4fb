package dev.saiki.cli.training;

import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.cli.terminal.OutputPaths;
import dev.saiki.text.cleaning.CleanedCorpus;
import dev.saiki.text.cleaning.CleaningFlags;
import dev.saiki.text.cleaning.DocumentVerdict;
import dev.saiki.text.cleaning.Lineage;
import dev.saiki.text.cleaning.SourceCounts;
import dev.saiki.text.dataset.PrepareOptions;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.text.dataset.TokenShards;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// `saiki data prepare`: turns text into token shards.
@Command(name = "prepare")
public final class DataPrepareCommand extends JsonCommand {

    @Mixin
    private CorpusOptions corpusOptions = new CorpusOptions();

    @Mixin
    private CleaningFlags cleaning = new CleaningFlags();

    @Option(names = "--tokenizer", paramLabel = "FILE", required = true)
    private Path tokenizerFile = Path.of("tokenizer.json");

    @Option(names = "--out", paramLabel = "DIR", required = true)
    private Path out = Path.of("");

    @Option(names = "--validation-fraction", paramLabel = "F")
    private double validationFraction = PrepareOptions.DEFAULT_VALIDATION_FRACTION;

    @Option(names = "--seed", paramLabel = "N")
    private long seed = 0;

    @Override
    protected void run() throws IOException {
        PrepareOptions options = PrepareOptions.defaults()
                .withValidationFraction(validationFraction)
                .withSeed(seed);
        OutputPaths.requireNewOrEmpty(out);
        Tokenizer tokenizer = Tokenizer.load(tokenizerFile);
        CleanedCorpus corpus = CleanedCorpus.of(corpusOptions.corpus(), cleaning.options());
        TokenDataset dataset = TokenDataset.prepare(corpus, tokenizer, out, options);
        SourceCounts counts = corpus.lineage().total();
        if (dataset.isTailHeldOut()) {
            note("saiki: warning: the corpus is one document; its end is held out for validation");
        }
        if (corpus.documentsWithNul() > 0) {
            note("saiki: warning: documents with NUL characters: "
                    + NumberFormats.count(corpus.documentsWithNul())
                    + "; they are probably damaged or not text, and are in the dataset");
        }
        print(
                toJson(dataset, counts),
                out + ": " + summary("training", dataset.train()) + ", " + summary("held-out", dataset.validation())
                        + leftOut(counts));
    }

    private static String summary(String name, TokenShards shards) {
        return NumberFormats.count(shards.tokens()) + " " + name + " tokens in "
                + NumberFormats.count(shards.documents()) + " documents";
    }

    private static String leftOut(SourceCounts counts) {
        long leftOut = counts.read() - counts.of(DocumentVerdict.KEPT);
        return leftOut == 0
                ? ""
                : "; " + NumberFormats.count(leftOut) + " of " + NumberFormats.count(counts.read())
                        + " documents left out, see " + Lineage.FILE;
    }

    private ObjectNode toJson(TokenDataset dataset, SourceCounts counts) {
        ObjectNode result = JsonOutput.object();
        result.put("dataset", out.toString());
        result.put("data_hash", dataset.dataHash());
        result.put("vocab_size", dataset.vocabSize());
        put(result.putObject("train"), dataset.train());
        put(result.putObject("validation"), dataset.validation());
        ObjectNode documents = result.putObject("documents");
        documents.put("read", counts.read());
        for (DocumentVerdict verdict : DocumentVerdict.values()) {
            documents.put(verdict.key(), counts.of(verdict));
        }
        return result;
    }

    private static void put(ObjectNode split, TokenShards shards) {
        split.put("tokens", shards.tokens());
        split.put("documents", shards.documents());
    }
}
