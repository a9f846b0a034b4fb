package dev.saiki.text.dataset;

import dev.saiki.text.corpus.Document;
import dev.saiki.text.corpus.RandomText;
import dev.saiki.text.tokenizer.Tokenizer;
import dev.saiki.text.tokenizer.Tokenizers;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Small corpora and a tokenizer for tests of datasets.
final class Datasets {

    private Datasets() {}

    /// A tokenizer of bytes: one id per byte.
    static Tokenizer bytes() {
        return Tokenizers.bytes();
    }

    /// Documents with about `length` pieces of random text each.
    static List<Document> documents(int count, int length, long seed) {
        Random random = new Random(seed);
        List<Document> documents = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            documents.add(
                    new Document("document " + i, i + " " + RandomText.unicode(random, 1 + random.nextInt(length))));
        }
        return documents;
    }
}
