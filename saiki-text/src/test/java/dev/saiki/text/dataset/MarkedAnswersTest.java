package dev.saiki.text.dataset;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.corpus.MarkedAnswer;
import dev.saiki.text.problem.MarkedText;
import dev.saiki.text.problem.ProblemFamily;
import dev.saiki.text.problem.ProblemForm;
import dev.saiki.text.problem.ProblemOptions;
import dev.saiki.text.problem.ProblemSplit;
import dev.saiki.text.problem.ProblemWriter;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MarkedAnswersTest {

    private static final int ROW = 7;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private static List<Document> problems(int count) {
        ProblemWriter writer = new ProblemWriter(
                List.of(ProblemFamily.values()),
                ProblemForm.SENTENCES,
                ProblemOptions.NAMES,
                ProblemSplit.TRAIN,
                new SplittableRandom(5));
        return IntStream.range(0, count)
                .mapToObj(i -> {
                    MarkedText text = writer.document(() -> 1 + i % 6, 200);
                    return new Document("document " + i, i + ". " + text.text(), moved(text, (i + ". ").length()));
                })
                .toList();
    }

    private static List<MarkedAnswer> moved(MarkedText text, int by) {
        return text.markedAnswers().stream().map(answer -> answer.movedBy(by)).toList();
    }

    private static String answer(Document document, MarkedAnswer answer) {
        return document.text().substring(answer.start(), answer.end());
    }

    /// The marked tokens of a split as texts, neighbours joined.
    private static List<String> marked(TokenShards split, Tokenizer tokenizer) {
        List<String> found = new ArrayList<>();
        StringBuilder current = new StringBuilder();
        for (long row = 0; row < split.rows(ROW); row++) {
            int[] ids = split.row(ROW, row);
            boolean[] marks = split.marks(ROW, row);
            for (int i = 0; i < ROW; i++) {
                if (marks[i]) {
                    current.append(tokenizer.tokenText(ids[i]));
                } else if (!current.isEmpty()) {
                    found.add(current.toString().strip());
                    current.setLength(0);
                }
            }
        }
        return found;
    }

    @ParameterizedTest
    @ValueSource(ints = {257, 400})
    void theMarkedTokensOfADatasetSpellTheAnswers(int vocabulary) throws IOException {
        List<Document> documents = problems(60);
        Corpus corpus = Corpus.ofDocuments("problems", documents);
        Tokenizer tokenizer = BytePairTrainer.train(corpus, vocabulary);
        TokenDataset dataset =
                TokenDataset.prepare(corpus, tokenizer, folder.resolve("data"), new PrepareOptions(0.1, 0, 2_000));
        Map<String, Document> byText =
                documents.stream().collect(Collectors.toMap(Document::text, Function.identity()));
        for (TokenShards split : List.of(dataset.train(), dataset.validation())) {
            List<String> expected = new ArrayList<>();
            for (long i = 0; i < split.documents(); i++) {
                int[] ids = split.document(i);
                String text = tokenizer.decode(Arrays.copyOf(ids, ids.length - 1));
                assertThat(byText).containsKey(text);
                Document document = Objects.requireNonNull(byText.get(text));
                document.answers().forEach(answer -> expected.add(answer(document, answer)));
            }
            List<String> found = marked(split, tokenizer);
            assertThat(split.hasMarks()).isTrue();
            assertThat(found).hasSizeGreaterThanOrEqualTo(expected.size() - 1);
            assertThat(found).isEqualTo(expected.subList(0, found.size()));
        }
    }

    @Test
    void aDatasetWithoutAnswersHasNoMarksAndTheOldFormat() throws IOException {
        Corpus corpus = Corpus.ofDocuments("plain", Datasets.documents(20, 20, 1));
        TokenDataset dataset =
                TokenDataset.prepare(corpus, Datasets.bytes(), folder.resolve("data"), new PrepareOptions(0.1, 0, 500));
        assertThat(dataset.train().hasMarks()).isFalse();
        assertThat(dataset.train().marks(ROW, 0)).containsOnly(false);
    }

    @Test
    void theHashOfADatasetDependsOnItsMarks() throws IOException {
        List<Document> documents = problems(20);
        List<Document> plain = documents.stream()
                .map(document -> new Document(document.name(), document.text()))
                .toList();
        List<String> hashes = new ArrayList<>();
        for (List<Document> some : List.of(documents, plain)) {
            hashes.add(TokenDataset.prepare(
                            Corpus.ofDocuments("some", some),
                            Datasets.bytes(),
                            folder.resolve("data" + hashes.size()),
                            new PrepareOptions(0.1, 0, 500))
                    .dataHash());
        }
        assertThat(hashes).doesNotHaveDuplicates();
    }

    @Test
    void anAnswerAcrossPartsOfALongTextIsMarkedInBoth() {
        String line = "x".repeat(99) + "\n";
        String text = line.repeat(20_000);
        Tokenizer tokenizer = Datasets.bytes();
        List<String> parts = tokenizer.parts(text);
        assertThat(parts).hasSizeGreaterThan(1);
        int border = parts.getFirst().length();
        Document document = new Document("long", text, List.of(new MarkedAnswer(border - 3, border + 2, 1)));
        List<ParallelEncoder.Piece> pieces = ParallelEncoder.Piece.of(document, tokenizer);
        assertThat(pieces.get(0).answers()).containsExactly(new MarkedAnswer(border - 3, border, 1));
        assertThat(pieces.get(1).answers()).containsExactly(new MarkedAnswer(0, 2, 1));
        assertThat(ParallelEncoder.encode(tokenizer, pieces.get(0)).marked().cardinality())
                .isEqualTo(3);
        assertThat(ParallelEncoder.encode(tokenizer, pieces.get(1)).marked().cardinality())
                .isEqualTo(2);
    }

    @Test
    void answersThatOverlapOrLeaveTheTextAreRefused() {
        assertThatThrownBy(() ->
                        new Document("d", "abcdef", List.of(new MarkedAnswer(0, 3, 1), new MarkedAnswer(2, 4, 1))))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("from 3 to 6");
        assertThatThrownBy(() -> new Document("d", "abc", List.of(new MarkedAnswer(2, 4, 1))))
                .isInstanceOf(InputException.class);
        assertThatThrownBy(() -> new MarkedAnswer(3, 3, 1)).isInstanceOf(InputException.class);
        assertThatThrownBy(() -> new MarkedAnswer(0, 1, 0)).hasMessageContaining("difficulty");
    }
}
