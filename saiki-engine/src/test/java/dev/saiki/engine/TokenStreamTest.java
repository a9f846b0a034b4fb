package dev.saiki.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TokenStreamTest {

    private static final GenerationResult END = new GenerationResult(
            FinishReason.MAX_TOKENS, "", Optional.empty(), 3, 0, 2, new int[0], 0, Optional.empty(), Optional.empty());

    private final AtomicInteger cancelled = new AtomicInteger();
    private final TokenStream stream = new TokenStream();

    @BeforeEach
    void countCancels() {
        stream.onCancel(cancelled::incrementAndGet);
    }

    private static Token token(int id) {
        return new Token(0, id, "t" + id, -1, 1, List.of());
    }

    @Test
    void tokensComeInOrderAndThenTheEnd() {
        Thread.ofPlatform().start(() -> {
            stream.write(token(1));
            stream.write(token(2));
            stream.end(END);
        });
        assertThat(stream).extracting(Token::id).containsExactly(1, 2);
        assertThat(stream.finish()).isEqualTo(END);
        assertThat(stream).isEmpty();
    }

    @Test
    void lookingFindsWhatIsThereAndTakesNothing() throws InterruptedException {
        assertThat(stream.awaitNext(Duration.ZERO)).isFalse();
        assertThat(stream.awaitNext(Duration.ofMillis(1))).isFalse();
        stream.write(token(1));
        assertThat(stream.awaitNext(Duration.ZERO)).isTrue();
        assertThat(stream.iterator().next().id()).isEqualTo(1);
        assertThat(stream.awaitNext(Duration.ZERO)).isFalse();
        stream.end(END);
        assertThat(stream.awaitNext(Duration.ZERO)).isTrue();
    }

    @Test
    void whoWaitsForTheEndFindsTheTokensBehindIt() {
        Thread.ofPlatform().start(() -> {
            stream.write(token(1));
            stream.write(token(2));
            stream.end(END);
        });
        stream.awaitEnd();
        assertThat(stream).extracting(Token::id).containsExactly(1, 2);
    }

    @Test
    void whoWaitsAWhileForTheEndGoesOnWithoutIt() throws InterruptedException {
        stream.write(token(1));
        stream.awaitEnd(Duration.ofMillis(1));
        assertThat(stream.iterator().next().id()).isEqualTo(1);
        assertThat(stream.awaitNext(Duration.ZERO)).isFalse();
    }

    @Test
    void theEndSkipsWhatWasNotRead() {
        stream.write(token(1));
        stream.end(END);
        assertThat(stream.finish()).isEqualTo(END);
        assertThat(stream).isEmpty();
    }

    @Test
    void closingCancelsOnlyWhatHasNotEnded() {
        stream.close();
        assertThat(cancelled).hasValue(1);
        stream.end(END);
        stream.close();
        assertThat(cancelled).hasValue(1);
    }
}
