package dev.saiki.eval.verify;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.checkpoint.provenance.VerificationStatistics.Quantity;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReferenceFileTest {

    private static final String HEAD =
            "{\"format\": \"saiki-reference\", \"version\": 1, \"tool\": \"PyTorch\", \"model\": \"small\"}\n";
    private static final ModelBounds BOUNDS = new ModelBounds(4, 6);

    @TempDir
    private Path folder = Path.of("");

    private Path file(String content) throws IOException {
        return Files.writeString(folder.resolve("reference.jsonl"), content);
    }

    private List<ReferenceText> read(String content) throws IOException {
        return read(file(content));
    }

    private static List<ReferenceText> read(Path file) throws IOException {
        try (ReferenceFile reference = ReferenceFile.open(file, BOUNDS)) {
            List<ReferenceText> texts = new ArrayList<>();
            for (Optional<ReferenceText> text = reference.next(); text.isPresent(); text = reference.next()) {
                texts.add(text.get());
            }
            return texts;
        }
    }

    @Test
    void textsAreReadAsTheyWereWritten() throws IOException {
        Path file = file(HEAD
                + "{\"text\": \"a\", \"ids\": [1, 2], \"greedy\": [3], \"continuation\": \"b\","
                + " \"logits\": [null, [1, -2.5, 3e-1, 4]]}\n"
                + "{\"ids\": [0], \"logits\": [[0, 0, 0, 0]]}\n");
        List<ReferenceText> texts = read(file);

        ReferenceText first = texts.getFirst();
        assertThat(first.text()).contains("a");
        assertThat(first.continuation()).contains("b");
        assertThat(first.whole()).containsExactly(1, 2, 3);
        assertThat(first.quantity()).isEqualTo(Quantity.LOGITS);
        assertThat(first.rows()).hasSize(1);
        assertThat(first.rows().getFirst().position()).isEqualTo(1);
        assertThat(first.rows().getFirst().values()).containsExactly(1, -2.5f, 0.3f, 4);
        assertThat(texts.get(1).text()).isEmpty();
        try (ReferenceFile reference = ReferenceFile.open(file, BOUNDS)) {
            assertThat(reference.description().tool()).isEqualTo("PyTorch");
            assertThat(reference.description().sha256()).matches("[0-9a-f]{64}");
        }
    }

    @Test
    void likelyTokensMayBeNamedAlone() throws IOException {
        ReferenceText text = read(HEAD + "{\"ids\": [1], \"logprobs\": [{\"3\": -0.5, \"0\": -2}]}\n")
                .getFirst();
        assertThat(text.quantity()).isEqualTo(Quantity.LOGPROBS);
        assertThat(text.rows().getFirst().ids()).containsExactly(3, 0);
        assertThat(text.rows().getFirst().values()).containsExactly(-0.5f, -2);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "{`ids`: []} | ids must be a list of at least one token id",
                "{`ids`: [1]} | logits or logprobs must be a list with at least one row",
                "{`ids`: [1], `logits`: []} | logits or logprobs must be a list with at least one row",
                "{`ids`: [1], `logits`: [null]} | logits or logprobs must be a list with at least one row",
                "{`ids`: [4], `logits`: [[1,2,3,4]]} | ids[0] must be a whole number from 0 to 3, got 4 (line 2)",
                "{`ids`: [-1], `logits`: [[1,2,3,4]]} | ids[0] must be a whole number from 0 to 3",
                "{`ids`: [1.5], `logits`: [[1,2,3,4]]} | ids[0] must be a whole number from 0 to 3",
                "{`ids`: [99999999999], `logits`: [[1,2,3,4]]} | ids[0] must be a whole number from 0 to 3",
                "{`ids`: [1,1,1,1,1,1,1], `logits`: [[1,2,3,4]]} | ids must be at most 6 token ids with this model",
                "{`ids`: [1,1,1,1], `greedy`: [1,1,1], `logits`: [[1,2,3,4]]} | ids and greedy must be at most 6 tokens in all",
                "{`ids`: [1], `logits`: [[1,2,3,4],[1,2,3,4]]} | the rows must be at most one per token of ids and greedy",
                "{`ids`: [1], `logits`: [[1,2,3]]} | logits[0] must be a number for each of the model's 4 tokens, got 3",
                "{`ids`: [1], `logits`: [[1,2,3,4,5]]} | logits[0] must be a number for each of the model's 4 tokens, got more",
                "{`ids`: [1], `logits`: [[1,2,3,`4`]]} | logits[0] must be of numbers, got 4",
                "{`ids`: [1], `logits`: [[1,2,3,NaN]]} | not valid JSON Lines (line 2): Non-standard token",
                "{`ids`: [1], `logits`: [[1,2,3,1e999]]} | logits[0] must be of finite numbers, got Infinity",
                "{`ids`: [1], `logits`: [[1,2,3,-1e39]]} | logits[0] must be of finite numbers",
                "{`ids`: [1], `logprobs`: [{}]} | logprobs[0] must be an object of at least one token id",
                "{`ids`: [1], `logprobs`: [{`9`: -1}]} | a key of logprobs[0] must be a token id from 0 to 3, got `9`",
                "{`ids`: [1], `logprobs`: [{`01`: -1}]} | a key of logprobs[0] must be a token id from 0 to 3",
                "{`ids`: [1], `logprobs`: [{`1`: -1, `1`: -2}]} | Duplicate",
                "{`ids`: [1], `logprobs`: [{`1`: 0.5}]} | logprobs[0] must be of finite numbers, at most 0, got 0.5",
                "{`ids`: [1], `logprobs`: [{`1`: -1}], `logits`: [[1,2,3,4]]} | logits and logprobs exclude each other",
                "{`ids`: [1], `ids`: [1]} | Duplicate",
                "{`ids`: [1], `probs`: [1]} | probs is not a known key; known are text, ids, greedy",
                "{`ids`: [1], `text`: 5} | text must be a string, got 5",
                "{`ids`: [[1]]} | ids[0] must be a whole number from 0 to 3, got [",
                "{`ids`: [1], `logits`: [[1,2 | not valid JSON Lines",
                "5 | a line must be an object, got 5",
            })
    void whatIsWrongIsSaidInOneMessage(String line, String message) {
        assertThatThrownBy(() -> read(HEAD + line.replace('`', '"') + "\n"))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(folder.resolve("reference.jsonl") + ": ")
                .hasMessageContaining(message.replace('`', '"'));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\'',
            value = {
                "'' | the first line must be an object",
                "[] | the first line must be an object",
                "{} | the first line must have format",
                "{\"version\": 1} | the first line must have format",
                "{\"format\": \"other\"} | format must be \"saiki-reference\", got other",
                "{\"format\": \"saiki-reference\", \"version\": 2} | version must be 1, got 2",
                "{\"format\": \"saiki-reference\", \"vers\": 2} | vers is not a known key",
                "PK\u0003\u0004 | not valid JSON Lines",
            })
    void anotherFileIsNoReference(String head, String message) {
        assertThatThrownBy(() -> read(head + "\n"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }

    @Test
    void damagedFilesGiveOneMessageOrAReference() throws IOException {
        byte[] whole = (HEAD + "{\"text\": \"a\", \"ids\": [1, 2], \"greedy\": [3], \"logprobs\": [{\"1\": -0.25}]}\n")
                .getBytes(StandardCharsets.UTF_8);
        Random random = new Random(5);
        Path file = folder.resolve("damaged");
        for (int i = 0; i < 3_000; i++) {
            byte[] bytes = whole.clone();
            for (int change = 0; change <= random.nextInt(3); change++) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
            }
            Files.write(file, bytes);
            try {
                read(file).forEach(text -> assertThat(text.whole()).isNotEmpty());
            } catch (InputException e) {
                assertThat(e.getMessage()).startsWith(file.toString());
            }
        }
    }
}
