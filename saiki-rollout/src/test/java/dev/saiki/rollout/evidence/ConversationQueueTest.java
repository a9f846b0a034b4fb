package dev.saiki.rollout.evidence;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.OptionalDouble;
import org.junit.jupiter.api.Test;

class ConversationQueueTest {

    private static final Instant START = Instant.parse("2026-11-27T00:00:00Z");
    private static final Duration HOUR = Duration.ofHours(1);

    private final ConversationQueue queue = new ConversationQueue(2, HOUR, List.of());

    private boolean add(String conversation, double difference, int minutes) {
        return queue.add(conversation, OptionalDouble.of(difference), at(minutes));
    }

    private static Instant at(int minutes) {
        return START.plus(Duration.ofMinutes(minutes));
    }

    @Test
    void closedConversationsEnterInOrderOfAssignment() {
        queue.assign("a", at(0));
        queue.assign("b", at(1));
        queue.assign("c", at(2));
        add("b", 1, 3);
        add("b", 0, 4);
        add("c", -1, 5);
        assertThat(queue.release(at(6))).as("a is open").isEmpty();
        add("a", 0.25, 7);
        add("a", 0.75, 8);
        assertThat(queue.release(at(9))).containsExactly(0.5, 0.5);
        assertThat(queue.entries())
                .extracting(ConversationQueue.Entry::conversation)
                .containsExactly("c");
    }

    @Test
    void oneThatHangsEntersAsItStandsAtItsLimit() {
        queue.assign("a", at(0));
        queue.assign("b", at(1));
        add("a", 1, 3);
        add("b", 0, 3);
        add("b", 0, 3);
        assertThat(queue.release(at(59))).isEmpty();
        assertThat(add("a", -1, 60)).as("too late").isFalse();
        assertThat(queue.release(at(60))).containsExactly(1.0, 0.0);
    }

    @Test
    void moreThanTheMostPairsAndMissingOnesCountNothing() {
        queue.assign("a", at(0));
        queue.assign("b", at(0));
        add("a", 0.5, 1);
        assertThat(queue.add("a", OptionalDouble.empty(), at(1))).isFalse();
        add("a", 0.5, 1);
        assertThat(add("a", 1, 1)).isFalse();
        assertThat(add("unknown", 1, 1)).isFalse();
        assertThat(queue.release(at(2))).containsExactly(0.5);
        assertThat(queue.release(at(90))).as("b has no pair").isEmpty();
        assertThat(queue.entries()).isEmpty();
    }

    @Test
    void itGoesOnFromItsEntries() {
        queue.assign("a", at(0));
        queue.assign("b", at(1));
        add("b", 1, 2);
        ConversationQueue resumed = new ConversationQueue(2, HOUR, queue.entries());
        resumed.assign("b", at(30));
        resumed.add("b", OptionalDouble.of(0), at(31));
        assertThat(resumed.release(at(60))).containsExactly(0.5);
    }

    @Test
    void failuresOfEitherSideHaveTheirDifferences() {
        OptionalDouble none = OptionalDouble.empty();
        OptionalDouble good = OptionalDouble.of(0);
        assertThat(PairDifference.of(true, false, none, good)).hasValue(1);
        assertThat(PairDifference.of(true, true, none, none)).hasValue(0);
        assertThat(PairDifference.of(false, true, good, none)).isEmpty();
        assertThat(PairDifference.of(false, false, none, good)).isEmpty();
        assertThat(PairDifference.of(false, false, OptionalDouble.of(0.25), OptionalDouble.of(0.75)))
                .hasValue(-0.5);
    }
}
