package dev.saiki.text.tokenizer;

import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.corpus.RandomText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/// Tokenizers for tests.
public final class Tokenizers {

    private Tokenizers() {}

    /// A tokenizer with 2,000 ids, trained on a novel and on random Unicode, so that it has merges of all
    /// kinds.
    public static Tokenizer small() {
        List<String> texts = new ArrayList<>();
        try (Stream<Document> documents = Corpus.builtIn().documents()) {
            texts.add(documents.findFirst().orElseThrow().text());
        }
        for (long seed = 1_000_000; seed < 1_000_400; seed++) {
            texts.add(RandomText.unicode(new Random(seed), 60));
        }
        return BytePairTrainer.train(texts.iterator(), 2_000);
    }

    /// A tokenizer of bytes: one id per byte.
    public static Tokenizer bytes() {
        return Tokenizer.trained(List.of());
    }

    /// The `tokenizer.json` of a tokenizer.
    public static String json(Tokenizer tokenizer) {
        return new String(tokenizer.json(), StandardCharsets.UTF_8);
    }

    /// The `tokenizer.json` with given merges of ASCII letters, each in the form `a b`.
    public static String json(List<String> merges) {
        List<String> spellings = new ArrayList<>();
        spellings.add(Tokenizer.END_OF_TEXT);
        for (int rank = 0; rank < 256; rank++) {
            spellings.add(ByteAlphabet.spell(new byte[] {(byte) ByteAlphabet.byteOfRank(rank)}));
        }
        List<Long> pairs = new ArrayList<>();
        for (String merge : merges) {
            int space = merge.indexOf(' ');
            String left = merge.substring(0, space);
            String right = merge.substring(space + 1);
            pairs.add(PairTable.pair(spellings.indexOf(left), spellings.indexOf(right)));
            spellings.add(left + right);
        }
        return new String(TokenizerWriter.write(pairs), StandardCharsets.UTF_8);
    }
}
