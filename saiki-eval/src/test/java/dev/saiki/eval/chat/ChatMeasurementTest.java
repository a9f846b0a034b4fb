package dev.saiki.eval.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.eval.Estimate;
import dev.saiki.eval.Interval;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ChatMeasurementTest {

    private static final Optional<Predicate<String>> GOOD = Optional.of(text -> text.equals("good"));

    private static ConversationLoss loss(double nats, int tokens) {
        return new ConversationLoss(
                nats, tokens, new ConversationLoss.Depths(6, 4), new ConversationLoss.Depths(2L * tokens, tokens));
    }

    private static List<WrittenAnswer> written(String... texts) {
        return List.of(texts).stream()
                .map(text -> new WrittenAnswer(text, !text.equals("cut")))
                .toList();
    }

    @Test
    void everyTokenOfAnAnswerCountsAlike() {
        ChatMeasurement measured = new ChatMeasurement(List.of(loss(1, 1), loss(30, 10)), List.of());
        ChatMeasurement.Summary summary = measured.summary(GOOD);
        assertThat(summary.loss().mean()).isEqualTo(31.0 / 11);
        assertThat(summary.promptDepth()).isEqualTo(1.5);
        assertThat(summary.answerDepth()).isEqualTo(2);
        assertThat(summary.keepsFormat()).isEmpty();
        assertThat(summary.ends()).isEmpty();
    }

    @Test
    void theBootstrapOverConversationsAgreesWithTheFormulaForARatio() {
        Random random = new Random(5);
        List<ConversationLoss> losses = new ArrayList<>();
        List<Estimate.Cluster> clusters = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            int tokens = 5 + random.nextInt(40);
            double nats = tokens * (2 + random.nextGaussian());
            losses.add(loss(nats, tokens));
            clusters.add(new Estimate.Cluster(tokens, nats));
        }
        Interval drawn =
                new ChatMeasurement(losses, List.of()).summary(Optional.empty()).loss();
        Interval formula = Interval.of(Estimate.overTokens(clusters));
        assertThat(drawn.mean()).isEqualTo(formula.mean(), within(1e-12));
        double half = formula.high() - formula.mean();
        assertThat(drawn.low()).isEqualTo(formula.low(), within(0.15 * half));
        assertThat(drawn.high()).isEqualTo(formula.high(), within(0.15 * half));
    }

    @Test
    void pairedConversationsTellASmallDifference() {
        Random random = new Random(7);
        List<ConversationLoss> hard = new ArrayList<>();
        List<ConversationLoss> harder = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            double nats = 100 + 30 * random.nextGaussian();
            hard.add(loss(nats, 50));
            harder.add(loss(nats + 1 + 0.1 * random.nextGaussian(), 50));
        }
        ChatMeasurement better = new ChatMeasurement(hard, List.of());
        ChatMeasurement worse = new ChatMeasurement(harder, List.of());
        Interval difference = better.less(worse, Optional.empty()).loss();
        assertThat(difference.mean()).isEqualTo(-0.02, within(0.001));
        assertThat(difference.high()).isLessThan(0);
        assertThat(better.summary(Optional.empty()).loss().high())
                .isGreaterThan(worse.summary(Optional.empty()).loss().low());
    }

    @Test
    void aShareOfAnswersHasAnIntervalAlsoWhereAllAreAlike() {
        List<ConversationLoss> losses =
                IntStream.range(0, 20).mapToObj(i -> loss(1, 1)).toList();
        ChatMeasurement all = new ChatMeasurement(
                losses,
                IntStream.range(0, 20).mapToObj(i -> written("good", "good")).toList());
        ChatMeasurement none = new ChatMeasurement(
                losses, IntStream.range(0, 20).mapToObj(i -> written("cut")).toList());
        Interval share = all.summary(GOOD).keepsFormat().orElseThrow();
        // Of 20 that all hold: 0.025^(1/20).
        assertThat(share.low()).isEqualTo(Math.pow(0.025, 0.05), within(1e-12));
        assertThat(share.high()).isEqualTo(1);
        assertThat(none.summary(GOOD).keepsFormat()).contains(new Interval(0, 0, 1 - share.low()));
        assertThat(none.summary(GOOD).ends().orElseThrow().mean()).isZero();
        Interval difference = all.less(none, GOOD).keepsFormat().orElseThrow();
        assertThat(difference.mean()).isEqualTo(1);
        assertThat(difference.low()).isEqualTo(2 * share.low() - 1, within(1e-12));
        assertThat(all.less(new ChatMeasurement(losses, List.of()), GOOD).keepsFormat())
                .isEmpty();
    }

    @Test
    void aShareOfSomeStaysBetweenNoneAndAll() {
        ChatMeasurement most = new ChatMeasurement(
                List.of(loss(1, 1), loss(1, 1), loss(1, 1)),
                List.of(written("good", "good"), written("good"), written("bad", "good")));
        Interval share = most.summary(GOOD).keepsFormat().orElseThrow();
        assertThat(share.mean()).isEqualTo(0.8);
        assertThat(share.low()).isBetween(0.0, 0.8);
        assertThat(share.high()).isEqualTo(1);
    }
}
