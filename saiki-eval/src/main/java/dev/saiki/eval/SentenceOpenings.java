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
/// The commonest beginnings make good prompts: whatever a model learned of the text, it has learned to go on from
/// there.
public final class SentenceOpenings {

    /// Words of a beginning: fewer lead anywhere, more are seldom twice in a text.
    private static final int WORDS = 3;

    /// Words that a sentence has at least; headings have fewer.
    private static final int LEAST_WORDS = 5;

    private static final int LONGEST = 60;

    /// Documents that are counted at most, from all over the text: more change nothing.
    private static final int MOST_DOCUMENTS = 200;

    /// Most tokens of a document that are counted.
    private static final int MOST_TOKENS = 20_000;

    private final Map<String, Integer> counts = new LinkedHashMap<>();
    private final BreakIterator words = BreakIterator.getWordInstance(Locale.ROOT);

    /// Makes a count of nothing yet.
    SentenceOpenings() {}

    /// Counts the sentences of a split.
    ///
    /// @param shards the split
    /// @param tokenizer the tokenizer of its ids
    /// @return the count, of some documents if there are very many
    public static SentenceOpenings of(TokenShards shards, Tokenizer tokenizer) {
        SentenceOpenings openings = new SentenceOpenings();
        long step = Math.max(1, shards.documents() / MOST_DOCUMENTS);
        for (long document = 0; document < shards.documents(); document += step) {
            int[] ids = shards.document(document);
            openings.add(tokenizer.decode(Arrays.copyOf(ids, Math.min(ids.length, MOST_TOKENS))));
        }
        return openings;
    }

    /// Counts the sentences of a text.
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
        for (int end = words.next(); end != BreakIterator.DONE && count < LEAST_WORDS; end = words.next()) {
            if (Character.isLetter(sentence.codePointAt(start))) {
                begin = begin < 0 ? start : begin;
                count++;
                openingEnds = count <= WORDS ? end : openingEnds;
            }
            start = end;
        }
        if (count == LEAST_WORDS) {
            String opening = sentence.substring(begin, openingEnds);
            if (opening.length() <= LONGEST && isPlain(opening)) {
                counts.merge(opening, 1, Integer::sum);
            }
        }
    }

    /// Whether it could begin a sentence, on one line and without marks between the words.
    private static boolean isPlain(String opening) {
        return !Character.isLowerCase(opening.codePointAt(0))
                && opening.codePoints().allMatch(c -> c == ' ' || c == '\'' || c == '’' || Character.isLetter(c));
    }

    /// The commonest beginnings, each with another first word; of equally common ones the earlier.
    ///
    /// @param most how many at most
    /// @return the beginnings; fewer if the text has fewer
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
