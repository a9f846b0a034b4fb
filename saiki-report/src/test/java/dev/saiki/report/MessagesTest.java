package dev.saiki.report;

import static dev.saiki.report.Messages.with;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class MessagesTest {

    private static final Messages ENGLISH = Messages.in(Language.ENGLISH);
    private static final Messages JAPANESE = Messages.in(Language.JAPANESE);

    @Test
    void bothLanguagesHaveTheSameSentences() {
        assertThat(JAPANESE.keys()).isEqualTo(ENGLISH.keys());
        assertThat(ENGLISH.keys()).hasSizeGreaterThan(200);
    }

    @Test
    void bothLanguagesHaveTheSamePlacesInEverySentence() {
        assertThat(places(JAPANESE)).isEqualTo(places(ENGLISH));
    }

    private static Map<String, Set<String>> places(Messages messages) {
        return messages.keys().stream()
                .map(Object::toString)
                .collect(Collectors.toMap(
                        key -> key, key -> Messages.places(messages.sentence(key)), (a, _) -> a, TreeMap::new));
    }

    @Test
    void japaneseIsWrittenInJapanese() {
        Set<Object> latin = JAPANESE.keys().stream()
                .filter(key -> !JAPANESE.sentence(key.toString())
                        .matches("(?s).*[\\p{IsHiragana}\\p{IsKatakana}\\p{IsHan}].*"))
                .collect(Collectors.toSet());
        assertThat(latin)
                .containsExactlyInAnyOrder(
                        "number.range",
                        "number.withRange",
                        "chart.point",
                        "dial.series",
                        "costs.source",
                        "missing.dataFolder",
                        "setting.sentence",
                        "study.budgetUnit");
    }

    @Test
    void placesAreFilledAsTheyStand() {
        assertThat(ENGLISH.format("number.range", with("low", "$1"), with("high", "{low} \\")))
                .isEqualTo("$1 to {low} \\");
    }

    @Test
    void whatIsNotThereOrNotFilledIsRefused() {
        assertThatThrownBy(() -> ENGLISH.format("no.such")).hasMessageContaining("there is no sentence no.such");
        assertThatThrownBy(() -> ENGLISH.format("number.range", with("low", 1))).hasMessageContaining("[high, low]");
    }

    @Test
    void valuesThatASentenceDoesNotUseAreIgnored() {
        assertThat(ENGLISH.format("number.range", with("low", 1), with("high", 2), with("middle", 3)))
                .isEqualTo("1 to 2");
    }

    @Test
    void aLanguageThatIsNotThereIsRefused() {
        assertThat(Language.of("ja")).isEqualTo(Language.JAPANESE);
        assertThatThrownBy(() -> Language.of("de"))
                .isInstanceOf(InputException.class)
                .hasMessage("the language of a report must be one of en, ja, got de");
    }
}
