package dev.saiki.eval;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.io.InputException;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ScoredSequence;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class TextScorerTest {

    /// A tokenizer of bytes: one token per byte, so that counts are easy to check.
    private static final Tokenizer BYTES =
            BytePairTrainer.train(List.of("ab").iterator(), BytePairTrainer.SMALLEST_VOCABULARY);

    @Test
    void lossPerTokenAndPerByteAreThoseOfTheUnigramModel() {
        // Half of the counted mass on "a": 510 of 1020, one of 1020 on every unseen token.
        UnigramModel unigram = unigramThatSaw("a", 510 - 1, 1020);
        TextScore score = score(unigram, "aaaa");
        assertThat(score.nll().mean()).isCloseTo(Math.log(2), within(1e-6));
        assertThat(score.bitsPerByte()).isCloseTo(1, within(1e-6));
        assertThat(score.tokens()).isEqualTo(4);
        assertThat(score.bytes()).isEqualTo(4);
    }

    @Test
    void bitsPerByteCountBytesNotTokens() {
        Tokenizer pairs = BytePairTrainer.train(
                List.of("abab abab abab abab").iterator(), BytePairTrainer.SMALLEST_VOCABULARY + 2);
        UnigramModel level = UnigramModel.of(new long[pairs.vocabSize()]);
        int[] ids = pairs.encode("abab");
        assertThat(ids.length).isLessThan(4);
        TextScore score = TextScorer.of(pairs, 16).score(level, 1, List.of(ids), ScoreOptions.CAUSAL, _ -> {});
        assertThat(score.bitsPerByte())
                .isCloseTo(ids.length * Math.log(pairs.vocabSize()) / Math.log(2) / 4, within(1e-5));
    }

    @Test
    void depthsAreCountedOnScoredTokensOnly() {
        // Depth 2 on every other position of a window; the context token at its start does not count.
        SequenceScorer model = (sequences, _) -> sequences.stream()
                .map(ids -> {
                    int[] depths = new int[ids.length];
                    Arrays.setAll(depths, at -> at % 2 == 0 ? 1 : 2);
                    return new ScoredSequence(new float[ids.length], depths);
                })
                .toList();
        TextScore score =
                TextScorer.of(BYTES, 4).score(model, 3, List.of(BYTES.encode("abcdef")), ScoreOptions.CAUSAL, _ -> {});
        // Two windows of three scored tokens each, at depths 2, 1, 2.
        assertThat(score.shareOfTokensPerDepth()).containsExactly(1 / 3.0, 2 / 3.0, 0.0);
        assertThat(score.shareOfTokensPerStep().get(0)).isEqualTo(1);
        assertThat(score.shareOfTokensPerStep().get(1)).isCloseTo(2 / 3.0, within(1e-12));
        assertThat(score.shareOfTokensPerStep().get(2)).isCloseTo(0, within(1e-12));
        assertThat(score.meanDepth()).isCloseTo(5 / 3.0, within(1e-12));
    }

    @Test
    void aSampleOfWindowsIsTheSameForEveryModel() {
        List<int[]> documents = List.of(BYTES.encode("abcdefghijklmnopqrstuvwxyz"), BYTES.encode("0123456789"));
        TextScorer scorer = TextScorer.of(BYTES, 4).withMaxWindows(5);
        List<int[]> first = new ArrayList<>();
        List<int[]> second = new ArrayList<>();
        scorer.score(recording(first), 1, documents, ScoreOptions.CAUSAL, _ -> {});
        scorer.score(recording(second), 1, documents, ScoreOptions.CAUSAL, _ -> {});
        assertThat(first).hasSize(5);
        for (int i = 0; i < first.size(); i++) {
            assertThat(second.get(i)).containsExactly(first.get(i));
        }
    }

    @Test
    void thePairedDifferenceIsTighterThanTheLossesThemselves() {
        // Documents of very different difficulty, on which the second model is always 0.1 nats worse.
        List<int[]> documents = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            documents.add(BYTES.encode("x".repeat(20 + i)));
        }
        TextScore better = TextScorer.of(BYTES, 64).score(byLength(0), 1, documents, ScoreOptions.CAUSAL, _ -> {});
        TextScore worse = TextScorer.of(BYTES, 64).score(byLength(0.1f), 1, documents, ScoreOptions.CAUSAL, _ -> {});
        PairedDifference difference = better.minus(worse);
        assertThat(difference.mean()).isCloseTo(-0.1, within(1e-4));
        assertThat(difference.high()).isNegative();
        assertThat(difference.unit()).isEqualTo(TextScore.Unit.DOCUMENT);
        assertThat(difference.standardError()).isLessThan(better.nll().standardError() / 100);
    }

    @Test
    void equalModelsAreNeverToldApart() {
        TextScore score = score(unigramThatSaw("a", 5, 1000), "aaaabbbb");
        PairedDifference none = score.minus(score);
        assertThat(new Interval(none.mean(), none.low(), none.high()).isClear()).isFalse();
    }

    @Test
    void fewDocumentsMakeWindowsTheUnit() {
        TextScore score = score(unigramThatSaw("a", 5, 1000), "aaaabbbbbbbb");
        assertThat(score.unit()).isEqualTo(TextScore.Unit.WINDOW);
        assertThat(score.nll().clusters()).isEqualTo(4);
    }

    @Test
    void scoresOfUnlikeTextsCannotBeSubtracted() {
        UnigramModel model = unigramThatSaw("a", 5, 1000);
        assertThatThrownBy(() -> score(model, "aaaa").minus(score(model, "aaaaa")))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void noTextIsAnInputError() {
        assertThatThrownBy(() -> score(unigramThatSaw("a", 5, 1000), ""))
                .isInstanceOf(InputException.class)
                .hasMessage("score: there is no text to score");
    }

    private static TextScore score(SequenceScorer model, String text) {
        return TextScorer.of(BYTES, 4).score(model, 1, List.of(BYTES.encode(text)), ScoreOptions.CAUSAL, _ -> {});
    }

    private static SequenceScorer recording(List<int[]> seen) {
        return (sequences, options) -> {
            seen.addAll(sequences);
            return UnigramModel.of(new long[BYTES.vocabSize()]).score(sequences, options);
        };
    }

    /// Gives every token of a sequence a loss that depends on the sequence's length.
    private static SequenceScorer byLength(float more) {
        return (sequences, _) -> sequences.stream()
                .map(ids -> {
                    float[] logprobs = new float[ids.length];
                    Arrays.fill(logprobs, -(ids.length / 10f) - more);
                    int[] depths = new int[ids.length];
                    Arrays.fill(depths, 1);
                    return new ScoredSequence(logprobs, depths);
                })
                .toList();
    }

    /// A model that counted `count` of one token and, with the one added to each, `total` in all.
    private static UnigramModel unigramThatSaw(String token, long count, long total) {
        long[] counts = new long[BYTES.vocabSize()];
        counts[BYTES.encode(token)[0]] = count;
        counts[BYTES.endOfTextId()] = total - counts.length - count;
        return UnigramModel.of(counts);
    }
}
