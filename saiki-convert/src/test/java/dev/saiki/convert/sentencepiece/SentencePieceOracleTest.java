package dev.saiki.convert.sentencepiece;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.testkit.TestProcess;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.IntBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/// Tests that ids equal those of SentencePiece, with a vocabulary that SentencePiece trains. Runs with
/// `-Ptokenizers`; requires Debian's python3-sentencepiece and the variable SAIKI_TEXTS with paths of text files,
/// separated by colons.
@Tag("tokenizers")
final class SentencePieceOracleTest {

    private static final int RANDOM_TEXTS = 100_000;
    private static final long LEAST_BYTES = 10_000_000;
    private static final int MOST_CHARACTERS = 2_000_000;
    private static final int PIECE = 20_000;

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

    @ParameterizedTest
    @CsvSource({"bpe, identity", "unigram, identity", "bpe, nmt_nfkc", "unigram, nmt_nfkc"})
    void idsAreThoseOfSentencePiece(String type, String rule) throws IOException, InterruptedException {
        List<String> texts = new ArrayList<>();
        collect(Corpus.builtIn(), texts);
        List<String> files = List.of(
                Optional.ofNullable(System.getenv("SAIKI_TEXTS")).orElse("").split(":"));
        for (String named : files) {
            if (!named.isEmpty()) {
                collect(Corpus.of(List.of(Path.of(named))), texts);
            }
        }
        Path corpus = folder.resolve("corpus.txt");
        writeCorpus(corpus, texts);
        try (Stream<Path> sources = Files.walk(Path.of(".."))) {
            for (Path file :
                    sources.filter(path -> path.toString().endsWith(".java")).toList()) {
                if (!file.toString().contains("target")) {
                    texts.add(Files.readString(file).replace('\u2581', ' '));
                }
            }
        }
        assertThat(texts.stream()
                        .mapToLong(text -> text.getBytes(StandardCharsets.UTF_8).length)
                        .sum())
                .as("SAIKI_TEXTS names files of texts")
                .isGreaterThanOrEqualTo(LEAST_BYTES);
        for (long seed = 0; seed < RANDOM_TEXTS; seed++) {
            texts.add(random(seed));
        }
        compare(corpus, texts, type, rule);
    }

    /// Writes the beginnings of evenly spaced texts, so that the vocabulary has tokens of every kind of text.
    private static void writeCorpus(Path corpus, List<String> texts) throws IOException {
        StringBuilder sample = new StringBuilder();
        int apart = Math.max(1, texts.size() / 150);
        for (int i = 0; i < texts.size(); i += apart) {
            String text = texts.get(i);
            sample.append(text, 0, Math.min(8_000, text.length())).append('\n');
        }
        Files.writeString(corpus, Tokenizer.wellFormed(sample.toString()));
    }

    private static void collect(Corpus corpus, List<String> texts) {
        long left = MOST_CHARACTERS;
        try (Stream<Document> documents = corpus.documents()) {
            Iterator<Document> all = documents.iterator();
            while (left > 0 && all.hasNext()) {
                Document document = all.next();
                for (int from = 0; from < document.text().length() && left > 0; from += PIECE) {
                    int to = Math.min(document.text().length(), from + PIECE);
                    // The character that SentencePiece uses for a space is replaced by a space.
                    texts.add(Tokenizer.wellFormed(document.text().substring(from, to))
                            .replace('\u2581', ' '));
                    left -= to - from;
                }
            }
        }
    }

    private void compare(Path corpus, List<String> texts, String type, String rule)
            throws IOException, InterruptedException {
        Path given = folder.resolve("texts.json");
        Files.write(given, JsonMapper.shared().writeValueAsBytes(texts));
        Path model = folder.resolve("spm.model");
        Path ids = folder.resolve("ids");
        TestProcess.Ended python = TestProcess.run(
                Duration.ofMinutes(15),
                List.of(
                        "/usr/bin/python3",
                        "src/test/sentencepiece/train_and_encode.py",
                        corpus.toString(),
                        given.toString(),
                        model.toString(),
                        ids.toString(),
                        type,
                        rule));
        assertThat(python.exitCode()).as(python.output()).isZero();
        PieceVocabulary vocabulary = SentencePieceFile.read(model);
        Tokenizer tokenizer = Tokenizer.parse(vocabulary.tokenizerJson("spm.model"), "spm.model");
        IntBuffer wanted = ByteBuffer.wrap(Files.readAllBytes(ids))
                .order(ByteOrder.LITTLE_ENDIAN)
                .asIntBuffer();
        for (String text : texts) {
            int[] theirs = new int[wanted.get()];
            wanted.get(theirs);
            int[] ours = tokenizer.encode(text);
            if (type.equals("bpe")) {
                assertThat(ours).as(text).isEqualTo(theirs);
            } else {
                // Divisions with equal scores, such as x and xxx or xxx and x, are chosen as in Hugging Face's library.
                assertThat(score(ours, vocabulary)).as(text).isCloseTo(score(theirs, vocabulary), within(0.1));
                assertThat(tokenizer.decode(ours)).isEqualTo(tokenizer.decode(theirs));
            }
        }
        assertThat(wanted.hasRemaining()).isFalse();
    }

    private static double score(int[] ids, PieceVocabulary vocabulary) {
        return Arrays.stream(ids)
                .mapToDouble(id -> vocabulary.pieces().get(id).score())
                .sum();
    }
}
