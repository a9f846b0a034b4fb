package dev.saiki.text.cleaning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.corpus.MarkedAnswer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

final class DocumentCleanerTest {

    private static final String ENGLISH =
            "It is a truth universally acknowledged, that a single man in possession of a good fortune, must be in want"
                    + " of a wife. However little known the feelings or views of such a man may be on his first entering a"
                    + " neighbourhood, this truth is so well fixed in the minds of the surrounding families.";
    private static final String GERMAN =
            "Als Gregor Samsa eines Morgens aus unruhigen Träumen erwachte, fand er sich in seinem Bett zu einem"
                    + " ungeheueren Ungeziefer verwandelt. Er lag auf seinem panzerartig harten Rücken und sah, wenn er den"
                    + " Kopf ein wenig hob, seinen gewölbten, braunen, von bogenförmigen Versteifungen geteilten Bauch.";
    private static final String JAPANESE = "吾輩は猫である。名前はまだ無い。どこで生れたかとんと見当がつかぬ。何でも薄暗いじめじめした所でニャーニャー泣いていた事だけは記憶している。";

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private static CleaningOptions options(
            List<String> languages, EvaluationSets evaluation, boolean masks, boolean uniqueParagraphs) {
        return new CleaningOptions(
                0, 0, 1, languages, List.of(), evaluation, masks, DuplicateRemoval.NONE, 0.75, uniqueParagraphs);
    }

    private static String masked(String text) {
        return new DocumentCleaner(options(List.of(), EvaluationSets.NONE, true, false))
                .clean(text)
                .text();
    }

    @Test
    void documentsInOtherLanguagesAreLeftOut() {
        DocumentCleaner english = new DocumentCleaner(options(List.of("en"), EvaluationSets.NONE, false, false));
        assertThat(english.clean(ENGLISH).verdict()).isEqualTo(DocumentVerdict.KEPT);
        assertThat(english.clean(GERMAN).verdict()).isEqualTo(DocumentVerdict.OTHER_LANGUAGE);
        DocumentCleaner others = new DocumentCleaner(options(List.of("ja", "DEU"), EvaluationSets.NONE, false, false));
        assertThat(others.clean(GERMAN).verdict()).isEqualTo(DocumentVerdict.KEPT);
        assertThat(others.clean(JAPANESE).verdict()).isEqualTo(DocumentVerdict.KEPT);
        assertThat(others.clean(ENGLISH).verdict()).isEqualTo(DocumentVerdict.OTHER_LANGUAGE);
    }

    @Test
    void anUnknownLanguageIsRefused() {
        assertThatThrownBy(() -> options(List.of("englisch"), EvaluationSets.NONE, false, false))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("data: languages must be ISO 639 codes")
                .hasMessageEndingWith("got englisch");
    }

    @Test
    void plantedEvaluationItemsAreFoundFromThirteenWordsOn() throws IOException {
        Path items = Files.writeString(folder.resolve("items.jsonl"), """
                {"question": "Which of the seven planets that circle the sun beyond Earth is largest?", "choices": ["No"]}
                {"question": {"stem": "Short items are not compared."}}
                """);
        Path essay = Files.writeString(folder.resolve("essay.txt"), ENGLISH);
        DocumentCleaner cleaner =
                new DocumentCleaner(options(List.of(), EvaluationSets.of(List.of(items, essay)), false, false));
        assertThat(cleaner.clean("Quiz: which of the SEVEN planets that circle the sun, beyond earth, is largest -"
                                + " do you know?")
                        .verdict())
                .isEqualTo(DocumentVerdict.CONTAMINATED);
        assertThat(cleaner.clean("Quiz: which of the seven planets that circle the sun beyond Earth is blue?")
                        .verdict())
                .isEqualTo(DocumentVerdict.KEPT);
        assertThat(cleaner.clean(ENGLISH.substring(30, 180)).verdict()).isEqualTo(DocumentVerdict.CONTAMINATED);
        assertThat(cleaner.clean("Short items are not compared. No").verdict()).isEqualTo(DocumentVerdict.KEPT);
    }

    @Test
    void personalDataIsMasked() {
        assertThat(masked("Write to jane.doe+x@mail.example.com, or call (555) 123-4567 or 555.123.4567."))
                .isEqualTo("Write to |||EMAIL_ADDRESS|||, or call |||PHONE_NUMBER||| or |||PHONE_NUMBER|||.");
        assertThat(masked("The host 8.8.4.4 answered; 192.168.1.1, 10.0.0.7 and 127.0.0.1 are private."))
                .isEqualTo("The host |||IP_ADDRESS||| answered; 192.168.1.1, 10.0.0.7 and 127.0.0.1 are private.");
        String unchanged = "At 10@ the 555 123 people of version 1.2.3 saw 256.1.1.1 and 12345678901234.";
        assertThat(masked(unchanged)).isEqualTo(unchanged);
    }

    @Test
    void maskingTakesLinearTime() {
        String long1 = "a".repeat(2_000_000);
        assertThat(masked(long1)).isEqualTo(long1);
        String long2 = "a.".repeat(1_000_000) + "1.".repeat(1_000_000);
        assertThat(masked(long2)).isEqualTo(long2);
    }

    @Test
    void paragraphsOfKeptDocumentsStayOnlyOnce() throws IOException {
        String first = "Copyright 2019 by the company whose pages these are; all rights are reserved.";
        String second = "A paragraph that occurs in a single document of the corpus and nowhere else.";
        List<Document> documents = List.of(
                new Document("a", first + "\nshort\n"),
                new Document("b", second + "\n" + first.replace("2019", "2024").replace(';', ',') + "\nshort"),
                new Document("c", first));
        CleanedCorpus cleaned = CleanedCorpus.of(
                Corpus.ofDocuments("test", documents), options(List.of(), EvaluationSets.NONE, false, true));
        for (int reading = 0; reading < 2; reading++) {
            try (Stream<Document> kept = cleaned.corpus().documents()) {
                assertThat(kept.map(Document::text)).containsExactly(first + "\nshort\n", second + "\nshort");
            }
        }
        JsonNode lineage = JsonMapper.shared().readTree(cleaned.lineage().toJson());
        assertThat(lineage.at("/documents/repeated_paragraphs").intValue()).isEqualTo(1);
        assertThat(lineage.at("/documents/paragraphs_removed").intValue()).isEqualTo(2);
        assertThat(lineage.at("/cleaning/unique_paragraphs").booleanValue()).isTrue();
    }

    @Test
    void aTextWithMarkedAnswersIsNotChanged() {
        Document marked = new Document("a", "Ask x@example.com: 7", List.of(new MarkedAnswer(19, 20, 1)));
        CleanedCorpus cleaned = CleanedCorpus.of(
                Corpus.ofDocuments("test", List.of(marked)), options(List.of(), EvaluationSets.NONE, true, false));
        assertThatThrownBy(() -> cleaned.corpus().documents().toList())
                .isInstanceOf(InputException.class)
                .hasMessageContaining("without marked answers");
    }
}
