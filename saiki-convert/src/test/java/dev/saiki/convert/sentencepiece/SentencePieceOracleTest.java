package dev.saiki.convert.sentencepiece;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.testkit.TestProcess;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Ids are those of SentencePiece itself, of a vocabulary that it trains. Runs with `-Ptokenizers`; needs
/// Debian's python3-sentencepiece.
@Tag("tokenizers")
final class SentencePieceOracleTest {

    private static final int RANDOM_TEXTS = 100_000;

    @TempDir
    @SuppressWarnings("NullAway.Init")
    private Path folder;

    private static String random(long seed) {
        Random random = new Random(seed);
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(40); i >= 0; i--) {
            int kind = random.nextInt(10);
            if (kind < 5) {
                text.append((char) (' ' + random.nextInt(95)));
            } else if (kind < 7) {
                text.append(" the and aaaaa  mmm ".charAt(random.nextInt(20)));
            } else {
                int character = random.nextInt(Character.MAX_CODE_POINT);
                boolean usable = Character.isDefined(character) && Character.getType(character) != Character.SURROGATE;
                text.appendCodePoint(usable && character != 0x2581 ? character : 'x');
            }
        }
        return text.toString();
    }

    @Test
    void idsAreThoseOfSentencePiece() throws IOException, InterruptedException {
        List<String> texts = new ArrayList<>();
        Path corpus = folder.resolve("corpus.txt");
        try (Stream<Document> documents = Corpus.builtIn().documents()) {
            List<String> prose = documents.limit(40).map(Document::text).toList();
            Files.writeString(corpus, String.join("\n", prose).substring(0, 1_000_000));
            prose.stream().flatMap(String::lines).limit(20_000).forEach(texts::add);
        }
        for (long seed = 0; seed < RANDOM_TEXTS; seed++) {
            texts.add(random(seed));
        }
        Path given = folder.resolve("texts.json");
        Files.write(given, JsonMapper.shared().writeValueAsBytes(texts));
        Path model = folder.resolve("spm.model");
        Path ids = folder.resolve("ids.json");
        TestProcess.Ended python = TestProcess.run(
                Duration.ofMinutes(5),
                List.of(
                        "/usr/bin/python3",
                        "src/test/sentencepiece/train_and_encode.py",
                        corpus.toString(),
                        given.toString(),
                        model.toString(),
                        ids.toString()));
        assertThat(python.exitCode()).as(python.output()).isZero();
        PieceVocabulary vocabulary = SentencePieceFile.read(model);
        Tokenizer tokenizer = Tokenizer.parse(vocabulary.tokenizerJson("spm.model"), "spm.model");
        JsonNode wanted = JsonMapper.shared().readTree(Files.readAllBytes(ids));
        assertThat(wanted).hasSize(texts.size());
        for (int i = 0; i < texts.size(); i++) {
            int[] theirs =
                    wanted.get(i).values().stream().mapToInt(JsonNode::intValue).toArray();
            assertThat(tokenizer.encode(texts.get(i))).as(texts.get(i)).isEqualTo(theirs);
        }
    }
}
