package dev.saiki.benchmarks;

import dev.saiki.benchmarks.SoakLedger.Outcome;
import dev.saiki.cli.load.HttpTarget;
import dev.saiki.cli.load.LoadOutcome;
import dev.saiki.cli.load.LoadRequest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The clients of a soak test, and the audit records expected for each.
final class SoakClients implements AutoCloseable {

    private static final JsonMapper JSON = new JsonMapper();
    private static final Duration LONGEST_WAIT = Duration.ofMinutes(10);
    private static final int OK = 200;
    private static final int BAD = 400;
    private static final int FULL = 429;

    /// The status in the audit records of clients that disconnected.
    private static final int GONE = 499;

    private static final int SLOW_BUFFER_BYTES = 4096;
    private static final int SLOW_PAUSE_MILLIS = 10;

    private static final List<String> MALFORMED = List.of(
            "{\"prompt\": ",
            "[]",
            "{}",
            "{\"prompt\": [1], \"max_tokens\": -5}",
            "{\"prompt\": [1000000000]}",
            "{\"prompt\": \"a\", \"temperature\": \"warm\"}");

    private static final List<String> NO_HTTP =
            List.of("\r\n\r\n", "no request\r\n\r\n", "GET\r\n", "\u0016\u0003\u0001");

    private final URI base;
    private final SoakServer.Keys keys;
    private final SoakLedger ledger;
    private final HttpTarget streaming;
    private final HttpTarget whole;
    private final HttpClient client =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    SoakClients(URI base, SoakServer.Keys keys, SoakLedger ledger) {
        this.base = base;
        this.keys = keys;
        this.ledger = ledger;
        this.streaming = target(true);
        this.whole = target(false);
    }

    private HttpTarget target(boolean stream) {
        return new HttpTarget(
                base,
                new HttpTarget.Settings(stream, OptionalDouble.empty(), OptionalInt.empty(), Optional.of(keys.user())));
    }

    /// Queries the model of the server.
    HttpTarget.Model model() throws IOException, InterruptedException {
        return streaming.model();
    }

    /// Sends the request of a workload, and registers the expected audit record.
    ///
    /// @return the outcome, for workloads that only wait for an answer
    Optional<LoadOutcome> send(SoakWorkload kind, LoadRequest request) {
        String id = kind.name() + "-" + UUID.randomUUID();
        if (kind == SoakWorkload.NO_HTTP) {
            sendNoHttp(request);
            return Optional.empty();
        }
        ledger.sent(id);
        try {
            return switch (kind) {
                case STREAM -> Optional.of(ask(streaming, request, id));
                case WHOLE -> Optional.of(ask(whole, request, id));
                case LEAVES, SLOW, MALFORMED, WRONG_KEY, BOUNDED_KEY, NO_HTTP -> {
                    ledger.ended(id, sendUnusual(kind, request, id));
                    yield Optional.empty();
                }
            };
        } catch (IOException e) {
            ledger.ended(id, new Outcome.Wrong(kind + ": " + e));
            return Optional.empty();
        } catch (InterruptedException e) {
            throw new IllegalStateException("a client was interrupted", e);
        }
    }

    private LoadOutcome ask(HttpTarget target, LoadRequest request, String id) {
        LoadOutcome outcome = target.ask(request, id);
        ledger.ended(
                id,
                switch (outcome) {
                    case LoadOutcome.Answered _ -> new Outcome.Accepted(Set.of(OK));
                    case LoadOutcome.Refused _ -> new Outcome.Accepted(Set.of(FULL));
                    case LoadOutcome.Failed(String problem) -> new Outcome.Wrong(problem);
                });
        return outcome;
    }

    private Outcome sendUnusual(SoakWorkload kind, LoadRequest request, String id)
            throws IOException, InterruptedException {
        return switch (kind) {
            case LEAVES -> leave(request, id);
            case SLOW -> readSlowly(request, id);
            case MALFORMED -> {
                String body = MALFORMED.get(request.tokens() % MALFORMED.size());
                int status = post(keys.user(), body, id).statusCode();
                yield status == BAD ? new Outcome.Accepted(Set.of(status)) : wrong(status + " for " + body);
            }
            case WRONG_KEY -> {
                int status = post("none of its keys", body(request, false), id).statusCode();
                yield status == 401 ? new Outcome.Rejected() : wrong(status + " for a wrong key");
            }
            case BOUNDED_KEY -> {
                HttpResponse<String> answer = post(keys.bounded(), body(request, false), id);
                boolean isRateLimited =
                        answer.statusCode() == FULL && answer.body().contains("a minute");
                yield isRateLimited ? new Outcome.Rejected() : accepted(answer.statusCode(), Set.of(OK));
            }
            case STREAM, WHOLE, NO_HTTP -> throw new IllegalArgumentException(kind + " is a well-behaved workload");
        };
    }

    private static Outcome wrong(String what) {
        return new Outcome.Wrong("status " + what);
    }

    private static Outcome accepted(int status, Set<Integer> whenAnswered) {
        return switch (status) {
            case OK -> new Outcome.Accepted(whenAnswered);
            case FULL -> new Outcome.Accepted(Set.of(FULL));
            default -> wrong(Integer.toString(status));
        };
    }

    private HttpRequest request(String key, String path, String body, String id) {
        return HttpRequest.newBuilder(base.resolve(path))
                .timeout(LONGEST_WAIT)
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .header(HttpTarget.REQUEST_ID, id)
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build();
    }

    private HttpResponse<String> post(String key, String body, String id) throws IOException, InterruptedException {
        return client.send(request(key, "/v1/completions", body, id), HttpResponse.BodyHandlers.ofString());
    }

    private static String body(LoadRequest request, boolean stream) {
        ObjectNode body = JSON.createObjectNode();
        ArrayNode prompt = body.putArray("prompt");
        Arrays.stream(request.prompt()).forEach(prompt::add);
        body.put("max_tokens", request.tokens());
        body.put("ignore_eos", true);
        if (stream) {
            body.put("stream", true);
            // Many bytes per token, so that a slow client fills the buffers between it and the server.
            body.put("logprobs", 5);
        }
        return JSON.writeValueAsString(body);
    }

    /// Reads the first few events, and disconnects. The server may have ended by then.
    private Outcome leave(LoadRequest request, String id) throws IOException, InterruptedException {
        HttpResponse<InputStream> answer = client.send(
                request(keys.user(), "/v1/completions", body(request, true), id),
                HttpResponse.BodyHandlers.ofInputStream());
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(answer.body(), StandardCharsets.UTF_8))) {
            for (int line = 0; line < request.tokens() / 2; line++) {
                if (lines.readLine() == null) {
                    break;
                }
            }
        }
        return accepted(answer.statusCode(), Set.of(OK, GONE));
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket();
        socket.setReceiveBufferSize(SLOW_BUFFER_BYTES);
        socket.setSoTimeout((int) LONGEST_WAIT.toMillis());
        socket.connect(new InetSocketAddress(base.getHost(), base.getPort()));
        return socket;
    }

    private Outcome readSlowly(LoadRequest request, String id) throws IOException, InterruptedException {
        byte[] body = body(request, true).getBytes(StandardCharsets.UTF_8);
        String head = "POST /v1/completions HTTP/1.1\r\nHost: saiki\r\nConnection: close\r\nAuthorization: Bearer "
                + keys.user() + "\r\n" + HttpTarget.REQUEST_ID + ": " + id
                + "\r\nContent-Type: application/json\r\nContent-Length: " + body.length + "\r\n\r\n";
        try (Socket socket = connect()) {
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().write(body);
            InputStream input = socket.getInputStream();
            String first = new String(input.readNBytes("HTTP/1.1 200".length()), StandardCharsets.US_ASCII);
            byte[] some = new byte[SLOW_BUFFER_BYTES / 4];
            while (input.read(some) >= 0) {
                Thread.sleep(SLOW_PAUSE_MILLIS);
            }
            return first.startsWith("HTTP/1.1 ")
                    ? accepted(Integer.parseInt(first.substring("HTTP/1.1 ".length())), Set.of(OK))
                    : wrong("line " + first);
        }
    }

    /// Sends data that is not HTTP. The server may answer or not; the connection may end in any way.
    private void sendNoHttp(LoadRequest request) {
        String text = NO_HTTP.get(request.tokens() % NO_HTTP.size());
        try (Socket socket = connect()) {
            socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
            socket.shutdownOutput();
            socket.getInputStream().readAllBytes();
        } catch (IOException _) {
            // A connection reset is valid too.
        }
    }

    /// Makes the server load a checkpoint.
    ///
    /// @param model the checkpoint's name among the soak test's models
    /// @return the problem, if there is one
    Optional<String> reload(String model) throws IOException, InterruptedException {
        return administer(
                "/admin/reload", JSON.createObjectNode().put("model", model).toString(), OK);
    }

    /// Makes the server refuse a checkpoint.
    ///
    /// @param model the checkpoint's name among the soak test's models
    /// @return the problem, if there is one
    Optional<String> requireRefusedReload(String model) throws IOException, InterruptedException {
        return administer(
                "/admin/reload", JSON.createObjectNode().put("model", model).toString(), BAD);
    }

    /// Makes the server roll back to the previous checkpoint.
    ///
    /// @return the problem, if there is one
    Optional<String> rollBack() throws IOException, InterruptedException {
        return administer("/admin/rollback", "{}", OK);
    }

    private Optional<String> administer(String path, String body, int expected)
            throws IOException, InterruptedException {
        HttpResponse<String> answer = client.send(
                request(keys.operator(), path, body, "change-" + UUID.randomUUID()),
                HttpResponse.BodyHandlers.ofString());
        return answer.statusCode() == expected
                ? Optional.empty()
                : Optional.of(path + " " + body + " got status " + answer.statusCode() + ": " + answer.body());
    }

    @Override
    public void close() {
        streaming.close();
        whole.close();
        client.close();
    }
}
