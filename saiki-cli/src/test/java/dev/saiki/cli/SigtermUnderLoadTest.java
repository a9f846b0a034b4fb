package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/// A server that receives SIGTERM while many clients send requests.
class SigtermUnderLoadTest {

    private static final int CLIENTS = 24;
    private static final int MOST_REQUESTS = 2_000;

    private static final JsonMapper JSON = new JsonMapper();

    @TempDir
    private Path folder;

    /// The outcome of a request.
    private enum Fate {
        /// Answered completely.
        WHOLE,
        /// Refused with a message and a time to retry.
        REFUSED,
        /// No answer began.
        NOT_TAKEN,
        /// An answer began and did not end.
        LOST
    }

    @Test
    void noAnswerThatWasBegunIsLost() throws IOException, InterruptedException {
        Path model = Workbench.in(folder).model();
        Map<Fate, Integer> fates = new EnumMap<>(Fate.class);
        try (ServeProcess server = ServeProcess.start(model)) {
            AtomicInteger answered = new AtomicInteger();
            List<Future<List<Fate>>> all = new ArrayList<>();
            try (HttpClient http = HttpClient.newHttpClient();
                    ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
                for (int client = 0; client < CLIENTS; client++) {
                    boolean stream = client % 2 == 0;
                    all.add(clients.submit(() -> askUntilTheEnd(http, server.base(), stream, answered)));
                }
                while (answered.get() < CLIENTS * 3) {
                    Thread.sleep(5);
                }
                server.terminate();
            }
            assertThat(server.saidUntilItsEnd()).containsExactly("stopping: running answers are finished first");
            all.forEach(one -> one.resultNow().forEach(fate -> fates.merge(fate, 1, Integer::sum)));
        }
        assertThat(fates).doesNotContainKey(Fate.LOST);
        assertThat(fates.get(Fate.WHOLE)).isGreaterThanOrEqualTo(CLIENTS * 3);
        assertThat(fates.getOrDefault(Fate.REFUSED, 0) + fates.getOrDefault(Fate.NOT_TAKEN, 0))
                .isEqualTo(CLIENTS);
    }

    /// Sends requests one after another, until the server accepts no more.
    private static List<Fate> askUntilTheEnd(HttpClient http, String base, boolean stream, AtomicInteger answered) {
        List<Fate> fates = new ArrayList<>();
        for (int count = 0; count < MOST_REQUESTS; count++) {
            Fate fate = ask(http, base, stream);
            fates.add(fate);
            if (fate != Fate.WHOLE) {
                return fates;
            }
            answered.incrementAndGet();
        }
        throw new IllegalStateException("the server did not end");
    }

    private static Fate ask(HttpClient http, String base, boolean stream) {
        HttpRequest request = HttpRequest.newBuilder(URI.create(base + "/completions"))
                .POST(HttpRequest.BodyPublishers.ofString(
                        "{\"prompt\":\"a\",\"max_tokens\":50,\"ignore_eos\":true,\"stream\":" + stream + "}"))
                .build();
        HttpResponse<InputStream> answer;
        try {
            answer = http.send(request, HttpResponse.BodyHandlers.ofInputStream());
        } catch (IOException e) {
            return Fate.NOT_TAKEN;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Fate.NOT_TAKEN;
        }
        // An answer that is not read to the end keeps its connection open, and closing the client would wait
        // for it.
        try (InputStream body = answer.body()) {
            String text = new String(body.readAllBytes(), StandardCharsets.UTF_8);
            if (answer.statusCode() == 503) {
                return answer.headers().firstValue("Retry-After").isPresent() ? Fate.REFUSED : Fate.LOST;
            }
            boolean whole = stream ? text.endsWith("data: [DONE]\n\n") : isAnswer(text);
            return answer.statusCode() == 200 && whole ? Fate.WHOLE : Fate.LOST;
        } catch (IOException cutOff) {
            return Fate.LOST;
        }
    }

    private static boolean isAnswer(String text) {
        try {
            return JSON.readTree(text).at("/usage/completion_tokens").intValue(0) == 50;
        } catch (JacksonException cutOff) {
            return false;
        }
    }
}
