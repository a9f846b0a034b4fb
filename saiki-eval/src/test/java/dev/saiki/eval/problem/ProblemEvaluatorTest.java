package dev.saiki.eval.problem;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.io.InputException;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ScoredSequence;
import dev.saiki.model.TracedSequence;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.corpus.MarkedAnswer;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class ProblemEvaluatorTest {

    private static final Tokenizer BYTES =
            BytePairTrainer.train(List.of("ab").iterator(), BytePairTrainer.SMALLEST_VOCABULARY);
    private static final int CONTEXT = 32;

    /// A model that is right about every token but `x`, and goes three recursions deep at `?`, else one.
    private static List<TracedSequence> trace(List<int[]> sequences, ScoreOptions options) {
        return sequences.stream()
                .map(ids -> {
                    boolean[] likeliest = new boolean[ids.length];
                    float[] logprobs = new float[ids.length];
                    int[] depths = new int[ids.length];
                    for (int i = 0; i < ids.length; i++) {
                        boolean wrong = ids[i] == id('x');
                        likeliest[i] = i > 0 && !wrong;
                        logprobs[i] = i == 0 ? Float.NaN : wrong ? -4 : -1;
                        depths[i] = Math.min(options.maxDepth(), ids[i] == id('?') ? 3 : 1);
                    }
                    return new TracedSequence(
                            new ScoredSequence(logprobs, depths),
                            likeliest,
                            new float[ids.length],
                            List.of(),
                            List.of(),
                            List.of());
                })
                .toList();
    }

    private static int id(char letter) {
        return BYTES.encode(String.valueOf(letter))[0];
    }

    /// A text in which what is between `?` and `.` is an answer, whose difficulty is the number before the `?`.
    private static Document marked(String text) {
        List<MarkedAnswer> answers = new ArrayList<>();
        for (int at = text.indexOf('?'); at >= 0; at = text.indexOf('?', at + 1)) {
            answers.add(new MarkedAnswer(at + 1, text.indexOf('.', at), Character.digit(text.charAt(at - 1), 10)));
        }
        return new Document(text, text, answers);
    }

    private static ProblemResult evaluate(ProblemSetting setting, String... texts) {
        return new ProblemEvaluator(ProblemEvaluatorTest::trace, BYTES, CONTEXT)
                .evaluate(
                        IntStream.range(0, texts.length)
                                .mapToObj(i -> marked(texts[i]))
                                .toList(),
                        List.of(setting))
                .getFirst();
    }

    @Test
    void anAnswerIsRightIfEachOfItsTokensIsTheLikeliest() {
        ProblemResult result = evaluate(ProblemSetting.DEFAULT, "1?ab. 2?xb. 2?bb. 2?ax.", "1?cc. 3?x.");
        assertThat(result.levels()).extracting(ProblemResult.Level::difficulty).containsExactly(1, 2, 3);
        assertThat(result.levels()).extracting(ProblemResult.Level::answers).containsExactly(2, 3, 1);
        assertThat(result.levels())
                .extracting(level -> level.accuracy().mean())
                .usingComparatorForType((a, b) -> Math.abs(a - b) < 1e-9 ? 0 : 1, Double.class)
                .containsExactly(1.0, 1.0 / 3, 0.0);
        assertThat(result.levels().get(1).loss()).isCloseTo((2.5 + 1 + 2.5) / 3, within(1e-9));
    }

    @Test
    void depthIsThatOfTheTokensThatPredictAnswers() {
        ProblemResult result = evaluate(ProblemSetting.DEFAULT, "1?a. 1?b.");
        assertThat(result.depthOnAnswers()).isEqualTo(3);
        assertThat(result.depthElsewhere()).isEqualTo(1);
        assertThat(result.levels().getFirst().depth()).isEqualTo(3);
        ProblemResult bounded = evaluate(ProblemSetting.depth(2, false), "1?a. 1?b.");
        assertThat(bounded.depthOnAnswers()).isEqualTo(2);
        assertThat(bounded.setting()).isEqualTo("depth 2");
    }

    @Test
    void everyAnswerOfALongTextCountsOnce() {
        StringBuilder text = new StringBuilder();
        IntStream.range(0, 40)
                .forEach(i -> text.append("9".repeat(i % 5)).append(1 + i % 3).append("?abc."));
        ProblemResult result = evaluate(ProblemSetting.DEFAULT, text.toString());
        assertThat(result.levels().stream()
                        .mapToInt(ProblemResult.Level::answers)
                        .sum())
                .isEqualTo(40);
        assertThat(result.levels()).allMatch(level -> level.accuracy().mean() == 1);
        assertThat(result.loss()).isEqualTo(1);
    }

    @Test
    void textsWithoutMarkedAnswersAreRefused() {
        assertThatThrownBy(() -> evaluate(ProblemSetting.DEFAULT, "plain"))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("saiki data problems");
    }
}
