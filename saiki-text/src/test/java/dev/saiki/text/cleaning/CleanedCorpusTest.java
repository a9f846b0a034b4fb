package dev.saiki.text.cleaning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import dev.saiki.io.Sha256;
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
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class CleanedCorpusTest {

    private static final CleaningOptions COPIES = duplicates(DuplicateRemoval.EXACT);
    private static final CleaningOptions NEAR = duplicates(DuplicateRemoval.NEAR);

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private static CleaningOptions duplicates(DuplicateRemoval removal) {
        return new CleaningOptions(0, 0, 1, removal, CleaningOptions.DEFAULT_SIMILARITY);
    }

    private static List<String> texts(List<String> texts, CleaningOptions options) {
        List<Document> documents = new ArrayList<>();
        for (String text : texts) {
            documents.add(new Document("document " + documents.size(), text));
        }
        return read(CleanedCorpus.of(Corpus.ofDocuments("test", documents), options));
    }

    private static List<String> read(CleanedCorpus cleaned) {
        try (Stream<Document> documents = cleaned.corpus().documents()) {
            return documents.map(Document::text).toList();
        }
    }

    /// Words drawn from a vocabulary with probabilities that fall with their rank, as in prose.
    private static List<String> words(Random random, int count) {
        return IntStream.range(0, count)
                .mapToObj(_ -> "w" + (int) (3000 * Math.pow(random.nextDouble(), 3)))
                .collect(Collectors.toCollection(ArrayList::new));
    }

    private static String changed(List<String> words, double share, Random random) {
        List<String> changed = new ArrayList<>(words);
        int count = (int) Math.round(share * words.size());
        for (int i = 0; i < count; i++) {
            changed.set(random.nextInt(words.size()), "changed" + random.nextInt(1_000_000));
        }
        return String.join(" ", changed);
    }

    @Test
    void ofCopiesTheFirstStays() {
        assertThat(texts(List.of("one", "two", "one", "three", "two", "one "), COPIES))
                .containsExactly("one", "two", "three", "one ");
    }

    @Test
    void withoutRulesEverythingStays() {
        List<String> texts = List.of("one", "one", "-", "x\nx\nx");
        assertThat(texts(texts, CleaningOptions.NOTHING)).isEqualTo(texts);
    }

    @Test
    void plantedNearDuplicatesAreFoundAndNothingElse() {
        Random random = new Random(7);
        List<String> originals = new ArrayList<>();
        List<String> near = new ArrayList<>();
        List<String> far = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            List<String> words = words(random, 300);
            originals.add(String.join(" ", words));
            near.add(changed(words, 0.01, random));
            far.add(changed(words, 0.2, random));
        }
        List<String> all = new ArrayList<>(originals);
        List<String> others = new ArrayList<>(near);
        others.addAll(far);
        Collections.shuffle(others, random);
        all.addAll(others);
        Set<String> left = new HashSet<>(texts(all, NEAR));
        assertThat(left).containsAll(originals);
        long found = near.stream().filter(text -> !left.contains(text)).count();
        long wrong = far.stream().filter(text -> !left.contains(text)).count();
        assertThat((double) found / near.size()).as("recall").isGreaterThan(0.98);
        assertThat((double) found / (found + wrong)).as("precision").isGreaterThan(0.99);
        assertThat(texts(all, COPIES)).hasSameSizeAs(all);
    }

    @Test
    void caseAndPunctuationMakeNoOtherText() {
        String text = "It is a truth universally acknowledged, that a single man must be in want of a wife.";
        assertThat(texts(List.of(text, text.toUpperCase(Locale.ROOT).replace(",", " -")), NEAR))
                .containsExactly(text);
    }

    @Test
    void textWithoutSpacesIsComparedByItsCharacters() {
        String text = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。何でも薄暗いじめじめした所で泣いていた事だけは記憶している。";
        String other = "親譲りの無鉄砲で小供の時から損ばかりしている。小学校に居る時分学校の二階から飛び降りて一週間ほど腰を抜かした事がある。";
        assertThat(texts(List.of(text, text + "猫", other), NEAR)).containsExactly(text, other);
    }

    @Test
    void documentsWithoutWordsAreLikeNoOther() {
        assertThat(texts(List.of("…", "!", "…"), NEAR)).containsExactly("…", "!");
    }

    @Test
    void theEarliestOfAGroupStaysHoweverItsPairsAreFound() {
        List<long[]> pairs = new ArrayList<>(List.of(
                new long[] {1, 5}, new long[] {5, 9}, new long[] {9, 3}, new long[] {20, 21}, new long[] {21, 22}));
        Random random = new Random(3);
        for (int round = 0; round < 50; round++) {
            Collections.shuffle(pairs, random);
            DuplicateGroups groups = new DuplicateGroups();
            for (long[] pair : pairs) {
                groups.join(pair[0], pair[1]);
            }
            assertThat(groups.leftOut()).containsExactly(3, 5, 9, 21, 22);
        }
    }

    @Test
    void aDocumentIsLeftOutForItsOwnText() {
        CleaningOptions rules = new CleaningOptions(10, 0.5, 0.3, DuplicateRemoval.NONE, 0.75);
        DocumentCleaner cleaner = new DocumentCleaner(rules);
        assertThat(cleaner.clean("too short").verdict()).isEqualTo(DocumentVerdict.TOO_SHORT);
        assertThat(cleaner.clean("12345 67890 a 1234").verdict()).isEqualTo(DocumentVerdict.FEW_LETTERS);
        assertThat(cleaner.clean("menu home\nmenu home\n\nmenu home\nabout").verdict())
                .isEqualTo(DocumentVerdict.REPEATED_LINES);
        assertThat(cleaner.clean("A line.\n\nAnother line.\n\nA third.").verdict())
                .isEqualTo(DocumentVerdict.KEPT);
    }

    @Test
    void theLineageCountsEverySourceAndEveryReason() throws IOException {
        Path corpus = Files.createDirectory(folder.resolve("corpus"));
        Files.writeString(corpus.resolve("a.jsonl"), """
                {"text": "The first text is long enough to stay."}
                {"text": "short"}
                {"text": "The first text is long enough to stay."}
                """);
        Files.writeString(corpus.resolve("b.txt"), "The second text, too, is long enough to stay.");
        CleaningOptions rules = new CleaningOptions(10, 0, 1, DuplicateRemoval.EXACT, 0.75);
        CleanedCorpus cleaned = CleanedCorpus.of(Corpus.of(List.of(corpus)), rules);
        Tokenizer tokenizer = BytePairTrainer.train(cleaned.corpus(), 257);
        TokenDataset dataset =
                TokenDataset.prepare(cleaned, tokenizer, folder.resolve("data"), PrepareOptions.defaults());
        assertThat(dataset.train().documents() + dataset.validation().documents())
                .isEqualTo(2);
        JsonNode lineage = JsonMapper.shared().readTree(Files.readAllBytes(folder.resolve("data/lineage.json")));
        assertThat(lineage.at("/documents/read").intValue()).isEqualTo(4);
        assertThat(lineage.at("/documents/too_short").intValue()).isEqualTo(1);
        assertThat(lineage.at("/documents/exact_duplicate").intValue()).isEqualTo(1);
        assertThat(lineage.at("/documents/kept").intValue()).isEqualTo(2);
        assertThat(lineage.at("/documents/kept_bytes").longValue())
                .isEqualTo(dataset.train().textBytes() + dataset.validation().textBytes());
        assertThat(lineage.at("/sources/0/name").stringValue()).isEqualTo("a.jsonl");
        assertThat(lineage.at("/sources/1/sha256").stringValue()).isEqualTo(Sha256.hex(corpus.resolve("b.txt")));
        assertThat(lineage.at("/sources/1/documents/kept").intValue()).isEqualTo(1);
    }

    @Test
    void aCorpusOfWhichNothingStaysIsRefused() {
        CleaningOptions rules = new CleaningOptions(100, 0, 1, DuplicateRemoval.NONE, 0.75);
        assertThatThrownBy(() -> texts(List.of("short"), rules))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("test after cleaning: the corpus is empty");
    }

    @Test
    void rulesOutOfRangeAreRefused() {
        for (double similarity : new double[] {0.4, 1.1, Double.NaN}) {
            assertThatThrownBy(() -> new CleaningOptions(0, 0, 1, DuplicateRemoval.NEAR, similarity))
                    .isInstanceOf(InputException.class)
                    .hasMessage("data: similarity must be from 0.5 to 1, got " + similarity);
        }
        assertThatThrownBy(() -> new CleaningOptions(-1, 0, 1, DuplicateRemoval.NONE, 0.75))
                .isInstanceOf(InputException.class);
    }
}
