package dev.saiki.study;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.io.InputException;
import dev.saiki.study.plan.StudyPlan;
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
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The text of a study as token data.
///
/// @param source the source in the plan
/// @param out the folder for a prepared corpus
record StudyDataset(StudyPlan.TextSource source, Path out) {

    private static final String FOLDER = "data";

    /// The location of the token data, whether or not they exist yet.
    Path folder() {
        return switch (source) {
            case StudyPlan.TextSource.Prepared prepared -> prepared.folder();
            case StudyPlan.TextSource.OfCorpus _ -> out.resolve(FOLDER);
        };
    }

    /// The name of the text for people: the prepared folder, or the corpus's name.
    String name() {
        return switch (source) {
            case StudyPlan.TextSource.Prepared prepared -> prepared.folder().toString();
            case StudyPlan.TextSource.OfCorpus corpus -> corpus(corpus).name();
        };
    }

    /// Whether the data exist.
    boolean isPrepared() {
        return Files.exists(folder().resolve(TokenDataset.DESCRIPTION_FILE));
    }

    /// Opens the data. If the source is a corpus whose data are missing, prepares them first.
    ///
    /// @throws dev.saiki.io.InputException if the corpus or the data cannot be used
    TokenDataset open(StudyListener listener) throws IOException {
        return switch (source) {
            case StudyPlan.TextSource.Prepared prepared -> TokenDataset.open(prepared.folder());
            case StudyPlan.TextSource.OfCorpus corpus ->
                isPrepared() ? TokenDataset.open(folder()) : prepare(corpus, listener);
        };
    }

    private TokenDataset prepare(StudyPlan.TextSource.OfCorpus wanted, StudyListener listener) throws IOException {
        Corpus corpus = corpus(wanted);
        if (wanted.vocabulary() instanceof StudyPlan.Vocabulary.Learned learned) {
            listener.onMessage("learning a vocabulary of " + learned.size() + " tokens from " + corpus.name());
        }
        Tokenizer tokenizer = tokenizer(wanted.vocabulary(), corpus);
        Files.createDirectories(out);
        tokenizer.save(out.resolve(TokenDataset.TOKENIZER_FILE));
        listener.onMessage("encoding the text and holding out documents");
        return TokenDataset.prepare(
                corpus,
                tokenizer,
                folder(),
                PrepareOptions.defaults().withValidationFraction(wanted.validationFraction()));
    }

    /// The tokenizer of a corpus.
    ///
    /// @throws dev.saiki.io.InputException if the model that provides the vocabulary has no tokenizer
    private static Tokenizer tokenizer(StudyPlan.Vocabulary vocabulary, Corpus corpus) {
        return switch (vocabulary) {
            case StudyPlan.Vocabulary.Learned learned -> BytePairTrainer.train(corpus, learned.size());
            case StudyPlan.Vocabulary.OfModel base ->
                Tokenizer.load(CheckpointDirectory.open(base.model()).tokenizer());
        };
    }

    /// Prepares a sample for timing steps: the beginning of the corpus or, if the source is a dataset that
    /// does not exist yet, the beginning of the built-in corpus.
    ///
    /// @param folder the folder to write to
    /// @param characters maximum number of characters of text
    TokenDataset sample(Path folder, int characters) throws IOException {
        StudyPlan.TextSource.OfCorpus wanted = switch (source) {
            case StudyPlan.TextSource.Prepared _ ->
                new StudyPlan.TextSource.OfCorpus(
                        List.of(),
                        false,
                        Optional.empty(),
                        StudyPlan.Vocabulary.Learned.DEFAULT,
                        PrepareOptions.DEFAULT_VALIDATION_FRACTION);
            case StudyPlan.TextSource.OfCorpus corpus -> corpus;
        };
        List<Document> documents = new ArrayList<>();
        try (Stream<Document> all = corpus(wanted).documents()) {
            int room = characters;
            for (Iterator<Document> next = all.iterator(); next.hasNext() && room > 0; ) {
                Document document = next.next();
                String text = document.text();
                documents.add(new Document(document.name(), text.substring(0, Math.min(room, text.length()))));
                room -= text.length();
            }
        }
        Corpus beginning = Corpus.ofDocuments("sample", documents);
        Tokenizer tokenizer = tokenizer(wanted.vocabulary(), beginning);
        return TokenDataset.prepare(beginning, tokenizer, folder, PrepareOptions.defaults());
    }

    private static Corpus corpus(StudyPlan.TextSource.OfCorpus wanted) {
        Corpus whole = wanted.paths().isEmpty() ? Corpus.builtIn() : files(wanted.paths());
        Corpus text = wanted.joinLines() ? whole.withJoinedLines() : whole;
        return wanted.pieceCharacters().map(text::inPieces).orElse(text);
    }

    private static Corpus files(List<Path> paths) {
        try {
            return Corpus.of(paths);
        } catch (InputException e) {
            throw InputException.of("data.corpus of the plan", e.problems());
        }
    }
}
