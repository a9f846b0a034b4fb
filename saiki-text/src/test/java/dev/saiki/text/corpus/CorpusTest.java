package dev.saiki.text.corpus;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdOutputStream;
import dev.saiki.io.InputException;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class CorpusTest {

    @TempDir
    @SuppressWarnings("NullAway.Init")
    Path folder;

    private static List<Document> read(Path... paths) {
        return read(Corpus.of(List.of(paths)));
    }

    private static List<Document> read(Corpus corpus) {
        try (Stream<Document> documents = corpus.documents()) {
            return documents.toList();
        }
    }

    private static List<String> texts(Path... paths) {
        return read(paths).stream().map(Document::text).toList();
    }

    private Path write(String name, String text) throws IOException {
        return write(name, text.getBytes(StandardCharsets.UTF_8));
    }

    private Path write(String name, byte[] bytes) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(Objects.requireNonNull(file.getParent()));
        return Files.write(file, bytes);
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream output = new GZIPOutputStream(packed)) {
            output.write(bytes);
        }
        return packed.toByteArray();
    }

    private static byte[] zstd(byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream output = new ZstdOutputStream(packed)) {
            output.write(bytes);
        }
        return packed.toByteArray();
    }

    @Test
    void aTextFileIsOneDocument() throws IOException {
        String text = "first line\n\nsecond, größer 🙂\n";
        assertThat(texts(write("a.txt", text))).containsExactly(text);
        assertThat(texts(write("b.txt.gz", gzip(text.getBytes(StandardCharsets.UTF_8)))))
                .containsExactly(text);
        assertThat(texts(write("c.md.zst", zstd(text.getBytes(StandardCharsets.UTF_8)))))
                .containsExactly(text);
        assertThat(texts(write("no-ending", text))).containsExactly(text);
    }

    @Test
    void longDocumentsAreCutAtParagraphsOrElseAtLines() {
        String paragraphs = "one two\nthree\n\nfour\n\n" + "five six seven\n\n".repeat(3);
        String lines = "eight nine ten\n".repeat(4);
        Corpus whole = Corpus.ofDocuments(
                "sample", List.of(new Document("a", paragraphs), new Document("b", lines), new Document("c", "short")));
        List<Document> pieces = read(whole.inPieces(20));
        assertThat(pieces.stream().map(Document::text).collect(Collectors.joining()))
                .isEqualTo(paragraphs + lines + "short");
        assertThat(pieces)
                .extracting(Document::text)
                .containsExactly(
                        "one two\nthree\n\nfour\n\nfive six seven\n\n",
                        "five six seven\n\nfive six seven\n\n",
                        "eight nine ten\neight nine ten\n",
                        "eight nine ten\neight nine ten\n",
                        "short");
        assertThat(pieces)
                .extracting(Document::name)
                .containsExactly("a (piece 1)", "a (piece 2)", "b (piece 1)", "b (piece 2)", "c");
        assertThatThrownBy(() -> whole.inPieces(0))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("at least 1 character");
    }

    @Test
    void theBeginningEndsWithTheDocumentThatReachesTheLength() {
        Corpus whole = Corpus.ofDocuments(
                "sample", List.of(new Document("a", "four"), new Document("b", "five5"), new Document("c", "c")));
        assertThat(whole.beginning(4)).extracting(Document::name).containsExactly("a");
        assertThat(whole.beginning(5)).extracting(Document::name).containsExactly("a", "b");
        assertThat(whole.beginning(1_000)).hasSize(3);
    }

    @Test
    void aRestShorterThanHalfAPieceStaysWithThePieceBefore() {
        Corpus whole = Corpus.ofDocuments("sample", List.of(new Document("a", "0123456789\n012345678\nrest\n")));
        assertThat(read(whole.inPieces(20)))
                .extracting(Document::text)
                .containsExactly("0123456789\n012345678\nrest\n");
    }

    @Test
    void aByteOrderMarkIsSkipped() throws IOException {
        assertThat(texts(write("a.txt", "\uFEFFtext \uFEFF"))).containsExactly("text \uFEFF");
        assertThat(texts(write("a.jsonl", "\uFEFF{\"text\": \"one\"}"))).containsExactly("one");
    }

    @Test
    void eachLineOfJsonIsADocument() throws IOException {
        String lines = "{\"text\": \"one\\ntwo\", \"id\": 1}\r\n\n{\"id\": 2, \"text\": \"größer\"}";
        byte[] bytes = lines.getBytes(StandardCharsets.UTF_8);
        assertThat(texts(write("a.jsonl", bytes))).containsExactly("one\ntwo", "größer");
        assertThat(texts(write("b.jsonl.gz", gzip(bytes)))).containsExactly("one\ntwo", "größer");
        assertThat(texts(write("c.jsonl.zst", zstd(bytes)))).containsExactly("one\ntwo", "größer");
    }

    @Test
    void theTextFieldCanBeNamed() throws IOException {
        Path file = write("a.jsonl", "{\"content\": \"one\"}");
        assertThat(read(Corpus.of(List.of(file), "content"))).hasSize(1);
        assertThatThrownBy(() -> read(Corpus.of(List.of(file), "contents")))
                .isInstanceOf(InputException.class)
                .hasMessage(file + ":1: no field 'contents'; did you mean content?; --text-field names another");
    }

    @Test
    void longLinesOfJsonAreReadWhole() throws IOException {
        String text = "word ".repeat(100_000);
        Path file = write("a.jsonl", "{\"text\": \"" + text + "\"}\n{\"text\": \"b\"}\n");
        assertThat(texts(file)).containsExactly(text, "b");
    }

    @Test
    void damagedLinesAreNamedByNumber() throws IOException {
        Path broken = write("a.jsonl", "{\"text\": \"one\"}\n{\"text\": \n");
        assertThatThrownBy(() -> read(broken))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(broken + ":2: not valid JSON");
        Path number = write("b.jsonl", "{\"text\": 5}\n");
        assertThatThrownBy(() -> read(number))
                .isInstanceOf(InputException.class)
                .hasMessage(number + ":1: field 'text' must be a string, got number");
        Path list = write("c.jsonl", "[1]\n");
        assertThatThrownBy(() -> read(list)).isInstanceOf(InputException.class).hasMessageContaining("a JSON object");
    }

    @Test
    void everyRowOfParquetIsADocument() throws IOException {
        List<Document> documents = read(resource("documents.parquet"));
        assertThat(documents).hasSize(4_999);
        assertThat(documents.get(0).text()).isEqualTo("Document 0: Größe, 你好, 🙂.");
        assertThat(documents.get(7).text()).startsWith("Document 8:");
        assertThat(documents.get(4_998).text()).startsWith("Document 4999:");
    }

    @Test
    void anotherColumnOfParquetCanBeNamed() throws IOException {
        Path file = resource("documents.parquet");
        assertThat(read(Corpus.of(List.of(file), "origin")).getFirst().text()).isEqualTo("source 0");
        assertThatThrownBy(() -> read(Corpus.of(List.of(file), "txt")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no column 'txt'; did you mean")
                .hasMessageContaining("text");
        assertThatThrownBy(() -> read(Corpus.of(List.of(file), "id")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("a column of strings");
    }

    @Test
    void parquetThatIsNotTextOrNotWholeIsRefused() throws IOException {
        Path malformed = resource("malformed.parquet");
        assertThatThrownBy(() -> read(malformed))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("UTF-8");
        byte[] whole = Files.readAllBytes(resource("documents.parquet"));
        for (int length : new int[] {0, 3, 100, whole.length / 2, whole.length - 1}) {
            Path cut = write("cut.parquet", Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> read(cut))
                    .as("%d bytes", length)
                    .isInstanceOf(InputException.class)
                    .hasMessageStartingWith(cut.toString());
        }
    }

    private Path resource(String name) throws IOException {
        try (InputStream input = Objects.requireNonNull(CorpusTest.class.getResourceAsStream(name))) {
            return write(name, input.readAllBytes());
        }
    }

    @Test
    void aFolderIsReadInOrderOfNames() throws IOException {
        write("corpus/b.txt", "b");
        write("corpus/a.txt", "a");
        write("corpus/sub/deep/c.md", "c");
        write("corpus/image.png", new byte[] {1, 2});
        write("corpus/.hidden.txt", "hidden");
        write("corpus/.git/x.txt", "hidden");
        write("corpus/empty.txt", "");
        assertThat(texts(folder.resolve("corpus"))).containsExactly("a", "b", "c");
    }

    @Test
    void aGlobFindsFiles() throws IOException {
        write("corpus/b1.txt", "b1");
        write("corpus/b2.txt", "b2");
        write("corpus/c.txt", "c");
        write("corpus/sub/b3.txt", "b3");
        assertThat(texts(folder.resolve("corpus/b*.txt"))).containsExactly("b1", "b2");
        assertThat(texts(folder.resolve("corpus/**.txt"))).containsExactly("b1", "b2", "c", "b3");
        assertThat(texts(folder.resolve("corpus/{c,b2}.txt"))).containsExactly("b2", "c");
        assertThatThrownBy(() -> read(folder.resolve("corpus/x*.txt")))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no text found");
    }

    @Test
    void aFileNamedTwiceIsReadOnce() throws IOException {
        Path file = write("corpus/a.txt", "a");
        assertThat(texts(file, folder.resolve("corpus"))).containsExactly("a");
    }

    @Test
    void bytesThatAreNotUtf8AreNamedByPlace() throws IOException {
        byte[] bytes = "abc\uFFFD".repeat(30_000).getBytes(StandardCharsets.UTF_8);
        bytes[100_002] = (byte) 0xE9;
        Path latin1 = write("latin1.txt", bytes);
        assertThatThrownBy(() -> read(latin1))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(latin1 + ": must be UTF-8 text")
                .hasMessageContaining("at byte 100002;");
        Path line = write("l.jsonl", new byte[] {'{', '}', '\n', '"', (byte) 0xC3, '"', '\n'});
        assertThatThrownBy(() -> Corpus.of(List.of(line)).documents().skip(1).toList())
                .isInstanceOf(InputException.class);
    }

    @Test
    void thePlaceOfTheFirstBadByteIsRight() throws IOException {
        byte[] valid = "Größe 你好 🙂 ".repeat(20_000).getBytes(StandardCharsets.UTF_8);
        for (long seed = 0; seed < 30; seed++) {
            byte[] bytes = valid.clone();
            int at = new Random(seed).nextInt(bytes.length);
            while ((bytes[at] & 0xC0) == 0x80 || (bytes[at] & 0x80) != 0) {
                at--;
            }
            bytes[at] = (byte) 0xFF;
            Path file = write("bad.txt", bytes);
            assertThatThrownBy(() -> read(file))
                    .as("seed %d", seed)
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("got the byte 0xFF at byte " + at + ";");
        }
    }

    @Test
    void aFileThatEndsInsideACharacterIsRefused() throws IOException {
        Path file = write("cut.txt", new byte[] {'a', (byte) 0xE4, (byte) 0xBD});
        assertThatThrownBy(() -> read(file)).isInstanceOf(InputException.class).hasMessageContaining("at byte 1");
    }

    @Test
    void damagedCompressionIsRefused() throws IOException {
        byte[] text = "some text that is long enough ".repeat(1_000).getBytes(StandardCharsets.UTF_8);
        List<Path> damaged = List.of(
                write("a.txt.gz", text),
                write("b.txt.gz", Arrays.copyOf(gzip(text), 60)),
                write("c.txt.zst", text),
                write("d.txt.zst", Arrays.copyOf(zstd(text), 30)),
                write("e.txt.gz", new byte[0]));
        for (Path file : damaged) {
            assertThatThrownBy(() -> read(file))
                    .as(file.toString())
                    .isInstanceOf(InputException.class)
                    .hasMessageStartingWith(file + ": cannot be read");
        }
    }

    @Test
    void whatIsMissingOrEmptyIsRefused() throws IOException {
        Path missing = folder.resolve("missing.txt");
        assertThatThrownBy(() -> read(missing))
                .isInstanceOf(InputException.class)
                .hasMessage(missing + ": no such file or folder");
        Path empty = write("empty.txt", "");
        assertThatThrownBy(() -> read(empty))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("the corpus is empty");
        Path nothing = Files.createDirectory(folder.resolve("nothing"));
        assertThatThrownBy(() -> read(nothing))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("no text found");
        assertThatThrownBy(() -> Corpus.of(List.of())).isInstanceOf(InputException.class);
    }

    @Test
    void aLongTextComesInPartsThatMakeUpTheWhole() throws IOException {
        Random random = new Random(3);
        StringBuilder text = new StringBuilder("\uFEFF");
        while (text.length() < 3 * PlainTextReader.MAX_PART) {
            text.append(RandomText.unicode(random, 200)).append("\n\n");
        }
        List<Document> documents = read(write("long.txt", text.toString()));
        assertThat(documents).hasSizeGreaterThan(2);
        assertThat(documents.getFirst().name()).endsWith("long.txt (part 1)");
        assertThat(documents)
                .allSatisfy(
                        document -> assertThat(document.text().length()).isLessThanOrEqualTo(PlainTextReader.MAX_PART));
        assertThat(documents.getFirst().text()).endsWith("\n\n");
        assertThat(documents.stream().map(Document::text).collect(Collectors.joining()))
                .isEqualTo(text.substring(1));
    }

    @Test
    void aLongTextWithoutLinesIsNeverCutInsideACharacter() throws IOException {
        String text = "a" + "🙂".repeat(PlainTextReader.MAX_PART);
        List<String> parts = texts(write("long.txt", text));
        assertThat(parts).hasSizeGreaterThan(1);
        assertThat(String.join("", parts)).isEqualTo(text);
        assertThat(parts)
                .allSatisfy(part -> assertThat(Tokenizer.wellFormed(part)).isEqualTo(part));
    }

    @Test
    void theCorpusCanBeReadAgain() throws IOException {
        Corpus corpus = Corpus.of(List.of(write("a.txt", "a"), write("b.txt", "b")));
        assertThat(read(corpus)).isEqualTo(read(corpus)).hasSize(2);
    }

    @Test
    void linesOfAParagraphThatWereBrokenAtOneWidthAreJoined() {
        String broken = """
                CHAPTER I



                Emma Woodhouse, handsome, clever, and rich, with a comfortable
                home and happy disposition, seemed to unite some of the best
                blessings of existence.

                "Sorrow came--a gentle sorrow--but not at all in the shape of
                any disagreeable consciousness."
                """;
        assertThat(joined(broken)).isEqualTo("""
                CHAPTER I



                Emma Woodhouse, handsome, clever, and rich, with a comfortable home and happy disposition, seemed \
                to unite some of the best blessings of existence.

                "Sorrow came--a gentle sorrow--but not at all in the shape of any disagreeable consciousness."
                """);
    }

    @Test
    void linesAreJoinedWhateverEndsThem() {
        String broken =
                "Emma Woodhouse, handsome, clever, and rich, with a comfortable\nhome and happy disposition.\n\nX\n";
        assertThat(joined(broken.replace("\n", "\r\n")))
                .isEqualTo(joined(broken))
                .contains("comfortable home");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "one\n\n\n",
                "Shall I compare thee to a summer's day?\nThou art more lovely and more temperate:\nRough winds",
                "- a point of some length, as points of lists often are\n- another point, of about the same length",
                "    int width = lines.stream().mapToInt(String::length).max();\n    return width; // and some more",
                "one,two,three,four,five,six,seven,eight,nine,ten,eleven,twelve\n1,2",
                "He said nothing of it to anybody in the whole of that long day, nor in the night\nWe left.\nIt rained.",
                "これは空白のない文章で、一行がとても長く続いていて、どこまで読んでも終わりがないように見えるほどの長さなのです\nそして次の行",
                "one line",
                "\none\n\n\n\n\ntwo\n"
            })
    void whatWasNotBrokenAtOneWidthStaysAsItIs(String text) {
        assertThat(joined(text)).isEqualTo(text);
    }

    private static String joined(String text) {
        return Corpus.ofDocuments("text", List.of(new Document("text", text)))
                .withJoinedLines()
                .documents()
                .map(Document::text)
                .collect(Collectors.joining());
    }

    @Test
    void theBuiltInCorpusHasWholeWorksAndAddresses() {
        List<Document> documents = read(Corpus.builtIn());
        assertThat(documents).hasSize(6 + 1 + 233);
        assertThat(documents.subList(0, 7))
                .extracting(Document::name)
                .containsExactly(
                        "Emma",
                        "Mansfield Park",
                        "Northanger Abbey",
                        "Persuasion",
                        "Pride and Prejudice",
                        "Sense and Sensibility",
                        "Moby-Dick");
        assertThat(documents.get(4).text())
                .startsWith("PRIDE AND PREJUDICE")
                .contains("truth universally acknowledged");
        assertThat(documents.get(3).text()).startsWith("Persuasion").contains("Sir Walter Elliot, of Kellynch");
        assertThat(documents.get(6).text()).startsWith("Call me Ishmael.");
        assertThat(documents.stream()
                        .mapToInt(document -> document.text().getBytes(StandardCharsets.UTF_8).length)
                        .sum())
                .isEqualTo(15_951_093);
    }
}
