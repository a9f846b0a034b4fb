package dev.saiki.cli.training;

import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.cli.terminal.OutputPaths;
import dev.saiki.io.InputException;
import dev.saiki.text.cleaning.CleanedCorpus;
import dev.saiki.text.cleaning.CleaningFlags;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// `saiki tokenizer train`: learns a byte-level BPE from text.
@Command(name = "train")
public final class TokenizerTrainCommand extends JsonCommand {

    @Mixin
    private CorpusOptions corpusOptions = new CorpusOptions();

    @Mixin
    private CleaningFlags cleaning = new CleaningFlags();

    @Option(
            names = "--vocab-size",
            paramLabel = "N",
            required = true,
            description = "Number of tokens; at least " + BytePairTrainer.SMALLEST_VOCABULARY + ".")
    private int vocabSize;

    @Option(names = "--out", paramLabel = "FILE", required = true)
    private Path out = Path.of("tokenizer.json");

    @Override
    protected void run() throws IOException {
        InputException.requireBetween(
                "--vocab-size", vocabSize, BytePairTrainer.SMALLEST_VOCABULARY, Tokenizer.MAX_VOCABULARY);
        Corpus corpus = corpusOptions.corpus();
        OutputPaths.requireNewFile(out);
        Tokenizer tokenizer = BytePairTrainer.train(
                CleanedCorpus.of(corpus, cleaning.options()).corpus(), vocabSize);
        tokenizer.save(out);
        if (tokenizer.vocabSize() < vocabSize) {
            note("saiki: warning: the text has too few repeated pairs for " + NumberFormats.count(vocabSize)
                    + " tokens; the vocabulary has only " + NumberFormats.count(tokenizer.vocabSize()));
        }
        ObjectNode result = JsonOutput.object();
        result.put("file", out.toString());
        result.put("vocab_size", tokenizer.vocabSize());
        result.put("hash", tokenizer.hash());
        print(result, out + ": " + NumberFormats.count(tokenizer.vocabSize()) + " tokens");
    }
}
