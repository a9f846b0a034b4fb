package dev.saiki.cli.evaluation;

import dev.saiki.cli.model.TextFieldOption;
import dev.saiki.eval.TokenViews;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.text.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A text as token ids.
///
/// @param name the name of the source
/// @param documents token ids of each document, without end-of-text
/// @param dataset the dataset from which the documents were held out, if any
public record MeasuredText(String name, List<int[]> documents, Optional<TokenDataset> dataset) {

    public MeasuredText {
        documents = List.copyOf(documents);
    }

    /// Reads texts, or the held-out documents of a dataset if one is named.
    static MeasuredText read(
            @Nullable Path dataset, List<Path> texts, TextFieldOption field, Tokenizer tokenizer, Path model) {
        if (dataset != null) {
            TokenDataset prepared = TokenDataset.open(dataset);
            prepared.requireTokenizer(tokenizer, model.toString());
            return new MeasuredText(
                    "held-out documents of " + dataset,
                    TokenViews.documents(prepared.validation()),
                    Optional.of(prepared));
        }
        Corpus corpus = field.corpus(texts);
        try (Stream<Document> documents = corpus.documents()) {
            List<int[]> ids = documents
                    .map(document -> tokenizer.encode(document.text()))
                    .filter(document -> document.length > 0)
                    .toList();
            return new MeasuredText(corpus.name(), ids, Optional.empty());
        }
    }
}
