package dev.saiki.text.corpus;

import dev.saiki.io.Resources;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.IntStream;
import java.util.zip.GZIPInputStream;

/// The public-domain texts in the `corpus` resource folder; its README names their sources.
final class BuiltInCorpus {

    /// The novels in file order, each with its first line.
    private enum Novel {
        EMMA("Emma", "EMMA"),
        MANSFIELD_PARK("Mansfield Park", "MANSFIELD PARK"),
        NORTHANGER_ABBEY("Northanger Abbey", "NORTHANGER ABBEY"),
        PERSUASION("Persuasion", "Persuasion"),
        PRIDE_AND_PREJUDICE("Pride and Prejudice", "PRIDE AND PREJUDICE"),
        SENSE_AND_SENSIBILITY("Sense and Sensibility", "SENSE AND SENSIBILITY");

        private final String title;
        private final String firstLine;

        Novel(String title, String firstLine) {
            this.title = title;
            this.firstLine = firstLine;
        }
    }

    private BuiltInCorpus() {}

    static List<CorpusSource> sources() {
        return List.of(
                source("austen.txt.gz", BuiltInCorpus::novels),
                source("moby.txt.gz", text -> List.of(new Document("Moby-Dick", text))),
                source("sotu.txt.gz", BuiltInCorpus::addresses));
    }

    private static CorpusSource source(String name, Function<String, List<Document>> documents) {
        return new CorpusSource(name, Optional.empty(), () -> new InMemoryDocuments(documents.apply(read(name))));
    }

    /// Splits the file at the first lines of the novels.
    private static List<Document> novels(String text) {
        List<Document> novels = new ArrayList<>();
        int start = 0;
        Novel[] all = Novel.values();
        for (int i = 0; i < all.length; i++) {
            int end = i + 1 < all.length ? text.indexOf("\n" + all[i + 1].firstLine + "\n", start) + 1 : text.length();
            if (end <= start || !text.startsWith(all[i].firstLine, start)) {
                throw new IllegalStateException("austen.txt.gz: cannot find " + all[i].title);
            }
            novels.add(new Document(all[i].title, text.substring(start, end)));
            start = end;
        }
        return novels;
    }

    private static List<Document> addresses(String text) {
        List<String> lines = text.lines().toList();
        return IntStream.range(0, lines.size())
                .mapToObj(i -> new Document("State of the Union " + (i + 1), lines.get(i)))
                .toList();
    }

    private static String read(String name) {
        byte[] packed = Resources.bytes(BuiltInCorpus.class.getResourceAsStream(name), name);
        try (InputStream text = new GZIPInputStream(new ByteArrayInputStream(packed))) {
            return new String(text.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException("the built-in corpus cannot be read: " + name, e);
        }
    }
}
