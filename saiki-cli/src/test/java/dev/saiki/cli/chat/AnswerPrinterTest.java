package dev.saiki.cli.chat;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.engine.Token;
import dev.saiki.text.chat.ChatRole;
import dev.saiki.text.chat.ChatTurn;
import dev.saiki.text.chat.PlainEncoder;
import dev.saiki.text.chat.ThinkingSplitter;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AnswerPrinterTest {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    private String answered(boolean coloured, boolean showsDepth, boolean thinks, String... tokens) {
        AnswerPrinter printer = new AnswerPrinter(
                new PrintStream(out, true, StandardCharsets.UTF_8),
                coloured,
                showsDepth,
                thinks ? Optional.of(new ThinkingSplitter(false)) : Optional.empty());
        for (int i = 0; i < tokens.length; i++) {
            printer.take(new Token(i, i, tokens[i], -1, 2, List.of()));
        }
        return printer.end("");
    }

    private String printed() {
        return out.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    }

    @Test
    void thoughtsStandUnderALineOfTheirOwnAndAreNotWhatWasSaid() {
        assertThat(answered(false, false, true, "<think>", "\n", "a ", "whale", "\n</thi", "nk>", "\n\n", "Yes", "."))
                .isEqualTo("Yes.");
        assertThat(printed()).isEqualTo("[thinking]\na whale\n[answer]\nYes.\n");
    }

    @Test
    void thoughtsAreDimmedWhereThereIsColourAndOnlyWordsShowDepths() {
        assertThat(answered(true, true, true, "<think>", "a", "</think>", "Yes"))
                .isEqualTo("Yes");
        assertThat(printed()).startsWith("\u001b[2ma\u001b[0m\n\n\u001b[38;5;").contains("mYes\u001b[0m");
    }

    @Test
    void answersOfModelsThatDoNotThinkAreAsTheyWere() {
        assertThat(answered(false, true, false, " <think>", "a")).isEqualTo("<think>a");
        assertThat(printed()).isEqualTo("<think>₂a₂\n");
        out.reset();
        assertThat(answered(false, false, true, " ", "No", " marks")).isEqualTo("No marks");
        assertThat(printed()).isEqualTo("No marks\n");
    }

    @Test
    void anAnswerThatEndsAmongThoughtsSaysNothing() {
        assertThat(answered(false, false, true, "<think>", "on and on")).isEmpty();
        assertThat(printed()).isEqualTo("[thinking]\non and on\n");
    }

    @Test
    void theModelIsNotToldAgainWhatItThought() {
        Tokenizer tokenizer = BytePairTrainer.train(List.of("a whale").iterator(), BytePairTrainer.SMALLEST_VOCABULARY);
        PlainEncoder encoder = new PlainEncoder(tokenizer);
        ChatHistory history = new ChatHistory(encoder, Optional.empty());
        assertThat(history.ask("who?", 1000)).isPresent();
        history.answered(answered(false, false, true, "<think>", "a whale", "</think>", "Ahab"));
        assertThat(history.ask("why?", 1000).orElseThrow().ids())
                .isEqualTo(encoder.encode(
                                List.of(
                                        ChatTurn.of(ChatRole.USER, "who?"),
                                        ChatTurn.of(ChatRole.ASSISTANT, "Ahab"),
                                        ChatTurn.of(ChatRole.USER, "why?")),
                                "")
                        .ids());
    }
}
