package dev.saiki.cli.evaluation;

import dev.saiki.eval.TokenViews;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.text.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The options for the text on which a model is measured: exactly one of the two.
public final class TextSource {

    @Option(
            names = "--data",
            paramLabel = "PATH",
            arity = "1..*",
            required = true,
            description = "Texts like those that the model is for: files, folders or globs.")
    private List<Path> texts = new ArrayList<>();

    @Option(
            names = "--dataset",
            paramLabel = "DIR",
            required = true,
            description = "A dataset of `saiki data prepare`; its held-out documents are used.")
    private @Nullable Path dataset;

    /// A text as token ids.
    ///
    /// @param name of the source
    /// @param documents token ids of each document, without end-of-text
    public record Documents(String name, List<int[]> documents) {}

    /// Reads the text.
    ///
    /// @param textField JSONL field or Parquet column of the text
    /// @param tokenizer of the model
    /// @param model folder of the model
    public Documents read(String textField, Tokenizer tokenizer, Path model) {
        return read(texts, dataset, textField, tokenizer, model);
    }

    /// Reads texts, or the held-out documents of a dataset if one is named.
    static Documents read(List<Path> texts, @Nullable Path dataset, String textField, Tokenizer tokenizer, Path model) {
        if (dataset != null) {
            TokenDataset prepared = TokenDataset.open(dataset);
            prepared.requireTokenizer(tokenizer, model.toString());
            return new Documents("held-out documents of " + dataset, TokenViews.documents(prepared.validation()));
        }
        Corpus corpus = Corpus.of(texts, textField);
        try (Stream<Document> documents = corpus.documents()) {
            return new Documents(
                    corpus.name(),
                    documents
                            .map(document -> tokenizer.encode(document.text()))
                            .filter(ids -> ids.length > 0)
                            .toList());
        }
    }
}
