package dev.saiki.text.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.text.chat.ThinkingSplitter.Answer;
import dev.saiki.text.chat.ThinkingSplitter.Thought;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ThinkingSplitterTest {

    private static String read(String answer, boolean begun, int at) {
        ThinkingSplitter reader = new ThinkingSplitter(begun);
        List<ThinkingSplitter.Piece> pieces = new ArrayList<>();
        for (int from = 0; from < answer.length(); from += at) {
            pieces.addAll(reader.take(answer.substring(from, Math.min(from + at, answer.length()))));
        }
        pieces.addAll(reader.end());
        String thoughts =
                joined(pieces.stream().filter(Thought.class::isInstance).toList());
        return thoughts + "|"
                + joined(pieces.stream().filter(Answer.class::isInstance).toList());
    }

    private static String joined(List<ThinkingSplitter.Piece> pieces) {
        return pieces.stream().map(ThinkingSplitter.Piece::text).collect(Collectors.joining());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "<think>¶a whale¶</think>¶¶Yes.; false; a whale|Yes.",
                "¶<think>a</think>b; false; a|b",
                "a whale</think>Yes.; true; a whale|Yes.",
                "a < b </thin> c</think>d; true; a < b </thin> c|d",
                "<think>never ends; false; never ends|",
                "<think></think>b; false; |b",
                "No <think>thoughts</think>.; false; |No <think>thoughts</think>.",
                "<thi; false; |<thi",
                "; false; |"
            })
    void thoughtsAreToldFromWordsHoweverTheAnswerComes(String answer, boolean begun, String expected) {
        String written = answer == null ? "" : answer.replace('¶', '\n');
        for (int at = 1; at <= 12; at++) {
            assertThat(read(written, begun, at))
                    .as("%d characters at a time", at)
                    .isEqualTo(expected);
        }
    }
}
