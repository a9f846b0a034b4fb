package dev.saiki.rollout.course;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.http.Json;
import dev.saiki.http.server.ConnectionLimits;
import dev.saiki.http.server.ExchangeServer;
import dev.saiki.http.server.ListenOptions;
import dev.saiki.rollout.check.RemoteService;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

class NotifierTest {

    private final List<String> received = new CopyOnWriteArrayList<>();

    @Test
    void anAlarmThatIsRefusedIsSentFiveTimesAndThenGivenUp() throws InterruptedException {
        ListenOptions local = new ListenOptions("127.0.0.1", 0, ConnectionLimits.DEFAULT, Optional.empty());
        try (ExchangeServer hook = ExchangeServer.start(local, exchange -> {
            try {
                String text =
                        Json.read(exchange.body().readAllBytes()).path("text").asString("");
                received.add(text);
                exchange.send(text.contains("first") ? 500 : 200, Json.CONTENT_TYPE, new byte[0]);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        })) {
            RemoteService service = new RemoteService(
                    URI.create("http://127.0.0.1:" + hook.port() + "/"), Optional.empty(), Duration.ofSeconds(5));
            try (Notifier notifier = new Notifier("assistant", List.of(service), Duration.ofMillis(1))) {
                notifier.alarm("first");
                notifier.alarm("second");
                for (int round = 0; round < 1_000 && received.size() < 6; round++) {
                    Thread.sleep(10);
                }
            }
            assertThat(received)
                    .containsExactly(
                            "assistant: first",
                            "assistant: first",
                            "assistant: first",
                            "assistant: first",
                            "assistant: first",
                            "assistant: second");
        }
    }
}
