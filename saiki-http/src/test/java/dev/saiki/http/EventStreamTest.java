package dev.saiki.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;

class EventStreamTest {

    private static final long MILLIS = 1_000_000;
    private static final String TOKEN = "data: {\"token\":1}\n\n";

    private long now = -5 * MILLIS;
    private final Wire wire = new Wire();
    private final EventStream stream = EventStream.begin(wire, () -> now);

    private void sendToken(EventStream to) {
        to.send(Json.object().put("token", 1));
    }

    @Test
    void theHeadOfAnAnswerIsOnItsWayBeforeItsFirstTokenAndNothingElse() {
        stream.open();

        assertThat(wire.pieces).containsExactly("");
        assertThat(stream.hasBegun()).isFalse();
        sendToken(stream);
        assertThat(stream.hasBegun()).isTrue();
    }

    @Test
    void aFirstTokenWaitsForNoFlush() {
        stream.open();
        sendToken(stream);

        assertThat(stream.untilDue()).isZero();
        assertThat(stream.isBrisk()).isFalse();
    }

    @Test
    void aFirstTokenWaitsForNoFlushBehindAHeadOfManyPiecesEither() {
        stream.send(Json.object().put("prompt", "word ".repeat(4000)));
        stream.open();
        sendToken(stream);

        assertThat(stream.untilDue()).isZero();
    }

    @Test
    void tokensBehindItGoOutTogetherAtTheNextFlush() {
        stream.open();
        sendToken(stream);
        stream.flush();
        now += MILLIS;
        sendToken(stream);
        sendToken(stream);

        assertThat(stream.untilDue()).isEqualTo(Duration.ofMillis(4));
        now += 4 * MILLIS;
        assertThat(stream.untilDue()).isZero();
        stream.flush();
        assertThat(wire.pieces).containsExactly("", TOKEN, TOKEN + TOKEN);
        assertThat(stream.isBrisk()).isTrue();
    }

    @Test
    void streamsFlushAtTheSameTimes() {
        EventStream other = EventStream.begin(new Wire(), () -> now);
        sendToken(stream);
        stream.flush();
        now += 3 * MILLIS;
        sendToken(other);
        other.flush();

        assertThat(other.untilDue()).isEqualTo(stream.untilDue()).isEqualTo(Duration.ofMillis(2));
    }

    @Test
    void aTokenThatComesAfterTheIntervalIsDueAtOnce() {
        sendToken(stream);
        stream.flush();
        now += 40 * MILLIS;
        sendToken(stream);

        assertThat(stream.untilDue()).isZero();
        stream.flush();
        assertThat(stream.isBrisk()).isFalse();
    }

    @Test
    void aFlushOfNothingDelaysNothing() {
        stream.flush();
        sendToken(stream);

        assertThat(wire.pieces).isEmpty();
        assertThat(stream.untilDue()).isZero();
    }

    /// Records the output in the pieces in which it is flushed.
    private static final class Wire implements Exchange {

        private final List<String> pieces = new ArrayList<>();

        @Override
        public String method() {
            return "POST";
        }

        @Override
        public String path() {
            return "/v1/completions";
        }

        @Override
        public String rawPath() {
            return path();
        }

        @Override
        public String client() {
            return "127.0.0.1";
        }

        @Override
        public Optional<String> header(String name) {
            return Optional.empty();
        }

        @Override
        public Map<String, List<String>> headers() {
            return Map.of();
        }

        @Override
        public String query() {
            return "";
        }

        @Override
        public Optional<String> query(String name) {
            return Optional.empty();
        }

        @Override
        public InputStream body() {
            return new ByteArrayInputStream(new byte[0]);
        }

        @Override
        public void setHeader(String name, String value) {}

        @Override
        public void send(int status, String contentType, byte[] body) {
            throw new AssertionError("a stream is not sent whole");
        }

        @Override
        public OutputStream stream(int status, String contentType) {
            return new ByteArrayOutputStream() {
                @Override
                public void flush() {
                    pieces.add(toString(StandardCharsets.UTF_8));
                    reset();
                }
            };
        }

        @Override
        public void beforeSending(IntConsumer action) {}

        @Override
        public OptionalInt sentStatus() {
            return OptionalInt.empty();
        }

        @Override
        public long sentBytes() {
            return 0;
        }

        @Override
        public Watch watch(Runnable gone) {
            return () -> {};
        }
    }
}
