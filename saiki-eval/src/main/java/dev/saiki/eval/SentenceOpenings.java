package dev.saiki.eval;

import dev.saiki.text.dataset.TokenShards;
import dev.saiki.text.tokenizer.Tokenizer;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/// The frequencies of sentence openings in a text.
///
/// The commonest openings make good prompts: any model trained on the text has learned to continue them.
public final class SentenceOpenings {

    /// Number of words in an opening: shorter openings say too little, and longer ones rarely occur twice in a
    /// text.
    private static final int WORDS = 3;

    /// Minimum number of words in a sentence; headings have fewer.
    private static final int MIN_WORDS = 5;

    private static final int MAX_LENGTH = 60;

    /// The number of documents beyond which a text is sampled: this number to twice as many, spread over the text,
    /// are counted, since more would hardly change the result.
    private static final int MAX_DOCUMENTS = 200;

    /// Maximum number of tokens counted per document.
    private static final int MAX_TOKENS = 20_000;

    private final Map<String, Integer> counts = new LinkedHashMap<>();
    private final BreakIterator words = BreakIterator.getWordInstance(Locale.ROOT);

    /// Creates an empty count.
    SentenceOpenings() {}

    /// Counts the sentence openings of a split.
    ///
    /// @param shards the split
    /// @param tokenizer tokenizer that encoded the split
    /// @return the count, from a sample of the documents if the split has very many
    public static SentenceOpenings of(TokenShards shards, Tokenizer tokenizer) {
        SentenceOpenings openings = new SentenceOpenings();
        long step = Math.max(1, shards.documents() / MAX_DOCUMENTS);
        for (long document = 0; document < shards.documents(); document += step) {
            int[] ids = shards.document(document);
            openings.add(tokenizer.decode(Arrays.copyOf(ids, Math.min(ids.length, MAX_TOKENS))));
        }
        return openings;
    }

    /// Counts the sentence openings of a text.
    void add(String text) {
        BreakIterator sentences = BreakIterator.getSentenceInstance(Locale.ROOT);
        sentences.setText(text);
        int start = sentences.first();
        for (int end = sentences.next(); end != BreakIterator.DONE; end = sentences.next()) {
            addSentence(text.substring(start, end));
            start = end;
        }
    }

    private void addSentence(String sentence) {
        words.setText(sentence);
        int begin = -1;
        int openingEnds = 0;
        int count = 0;
        int start = words.first();
        for (int end = words.next(); end != BreakIterator.DONE && count < MIN_WORDS; end = words.next()) {
            if (Character.isLetter(sentence.codePointAt(start))) {
                begin = begin < 0 ? start : begin;
                count++;
                openingEnds = count <= WORDS ? end : openingEnds;
            }
            start = end;
        }
        if (count == MIN_WORDS) {
            String opening = sentence.substring(begin, openingEnds);
            if (opening.length() <= MAX_LENGTH && isPlain(opening)) {
                counts.merge(opening, 1, Integer::sum);
            }
        }
    }

    /// Whether the words can open a sentence: they must not begin with a lower-case letter, and must be on one
    /// line, without punctuation except apostrophes.
    private static boolean isPlain(String opening) {
        return !Character.isLowerCase(opening.codePointAt(0))
                && opening.codePoints().allMatch(c -> c == ' ' || c == '\'' || c == '’' || Character.isLetter(c));
    }

    /// The commonest openings, each with a different first word; equally common openings are in the order of
    /// the text.
    ///
    /// @param most maximum number of openings
    /// @return the openings; fewer if the text has fewer
    public List<String> commonest(int most) {
        List<String> chosen = new ArrayList<>();
        Set<String> firstWords = new HashSet<>();
        counts.entrySet().stream()
                .sorted(Map.Entry.<String, Integer>comparingByValue().reversed())
                .map(Map.Entry::getKey)
                .filter(opening -> firstWords.add(firstWord(opening)))
                .limit(most)
                .forEach(chosen::add);
        return chosen;
    }

    private String firstWord(String opening) {
        words.setText(opening);
        words.first();
        return opening.substring(0, words.next());
    }
}
