package dev.saiki.spark;

import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;

/// Pieces of the built-in corpus in files of several kinds, including copies, near-duplicates and rubbish.
final class SampleCorpus {

    private static final int PIECE_CHARACTERS = 3000;
    private static final Path PARQUET =
            Path.of("..", "saiki-text", "src/test/resources/dev/saiki/text/corpus/documents.parquet");
    private static final ObjectMapper MAPPER = JsonMapper.builder().build();

    private SampleCorpus() {}

    /// Writes a small corpus: plain text, JSON Lines, compressed JSON Lines, and Parquet.
    ///
    /// @param pieces the approximate number of documents
    static Path small(Path folder, int pieces) throws IOException {
        Random random = new Random(11);
        List<String> texts = new ArrayList<>();
        try (Stream<Document> documents =
                Corpus.builtIn().inPieces(PIECE_CHARACTERS).documents()) {
            documents.limit(pieces).map(Document::text).forEach(texts::add);
        }
        for (int i = 0; i < pieces / 20; i++) {
            texts.add(random.nextInt(texts.size()), texts.get(random.nextInt(pieces)));
            texts.add(random.nextInt(texts.size()), retyped(texts.get(random.nextInt(pieces)), random));
            texts.add(random.nextInt(texts.size()), "- " + i + " -");
        }
        Files.createDirectories(folder.resolve("more"));
        int third = texts.size() / 3;
        lines(Files.newOutputStream(folder.resolve("a.jsonl")), texts.subList(0, third));
        Files.writeString(folder.resolve("b.txt"), texts.get(third));
        lines(
                new GZIPOutputStream(Files.newOutputStream(folder.resolve("more/c.jsonl.gz"))),
                texts.subList(third + 1, 2 * third));
        lines(Files.newOutputStream(folder.resolve("more/d.ndjson")), texts.subList(2 * third, texts.size()));
        Files.copy(PARQUET, folder.resolve("more/e.parquet"));
        Files.writeString(folder.resolve("more/empty.txt"), "");
        Files.writeString(folder.resolve("more/notes.log"), "no text of the corpus");
        return folder;
    }

    /// Writes a large corpus: the built-in corpus several times, each time with other letters, in files of some
    /// megabytes; every twentieth document occurs a second time with a few changed words.
    ///
    /// @param times the number of copies, 15 MB each
    static Path large(Path folder, int times) throws IOException {
        Files.createDirectories(folder);
        Random random = new Random(12);
        for (int shift = 1; shift <= times; shift++) {
            try (Stream<Document> documents =
                    Corpus.builtIn().inPieces(PIECE_CHARACTERS).documents()) {
                Iterator<Document> all = documents.iterator();
                for (int part = 0; all.hasNext(); part++) {
                    List<String> texts = new ArrayList<>();
                    while (texts.size() < 1000 && all.hasNext()) {
                        String text = shifted(all.next().text(), shift);
                        texts.add(text);
                        if (random.nextInt(20) == 0) {
                            texts.add(retyped(text, random));
                        }
                    }
                    lines(Files.newOutputStream(folder.resolve("text-" + shift + "-" + part + ".jsonl")), texts);
                }
            }
        }
        return folder;
    }

    /// The text with every letter replaced by a later one of the alphabet.
    private static String shifted(String text, int shift) {
        StringBuilder shifted = new StringBuilder(text.length());
        text.chars()
                .map(c -> c >= 'a' && c <= 'z' ? 'a' + (c - 'a' + shift) % 26 : c)
                .forEach(c -> shifted.append((char) c));
        return shifted.toString();
    }

    /// A text with one word in three hundred changed.
    private static String retyped(String text, Random random) {
        String[] words = text.split(" ");
        for (int i = 0; i < words.length; i++) {
            if (random.nextInt(300) == 0) {
                words[i] = "retyped" + random.nextInt(1000);
            }
        }
        return String.join(" ", words);
    }

    /// Writes texts as JSON Lines.
    static void lines(OutputStream file, List<String> texts) throws IOException {
        try (BufferedWriter writer = new BufferedWriter(new OutputStreamWriter(file, StandardCharsets.UTF_8))) {
            for (String text : texts) {
                writer.write(MAPPER.writeValueAsString(MAPPER.createObjectNode().put("text", text)));
                writer.write('\n');
            }
        }
    }
}
