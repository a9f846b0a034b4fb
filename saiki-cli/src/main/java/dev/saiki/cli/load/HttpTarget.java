package dev.saiki.cli.load;

import dev.saiki.io.InputException;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Writer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A server called over OpenAI's API, with or without streaming.
public final class HttpTarget implements LoadTarget, AutoCloseable {

    /// The header that contains the id chosen by the client for a request.
    public static final String REQUEST_ID = "X-Request-Id";

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final Duration TIMEOUT = Duration.ofMinutes(10);

    /// The maximum number of characters in one encoding request.
    private static final int PIECE_CHARACTERS = 100_000;
    /// The maximum number of characters in all encoding requests together: an eighth of the built-in corpus.
    private static final long MAX_CHARACTERS = 2_000_000;

    private static final String EVENT = "data: ";
    private static final String DONE = "[DONE]";

    /// A string that occurs in the event of every token, including tokens without text; if it occurs in another
    /// event, `]` follows it.
    private static final String TOKEN = "\"depths\":[";

    private final URI base;
    private final Settings settings;
    private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
    private final HttpClient client = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(30))
            .executor(threads)
            .build();

    /// The settings of all requests.
    ///
    /// @param stream whether answers are streamed
    /// @param effort the effort of the router
    /// @param maxDepth largest number of recursions
    /// @param apiKey key for the server, if the server requires one
    public record Settings(boolean stream, OptionalDouble effort, OptionalInt maxDepth, Optional<String> apiKey) {}

    /// The model as described by its server.
    ///
    /// @param name the name of the model
    /// @param vocabulary number of token ids
    /// @param context largest number of tokens of a prompt and its answer
    public record Model(String name, int vocabulary, int context) {}

    /// Makes a client.
    ///
    /// @param base address of the server, without `/v1`
    /// @param settings the settings of all requests
    public HttpTarget(URI base, Settings settings) {
        this.base = base;
        this.settings = settings;
    }

    private HttpRequest.Builder request(String path) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(base.resolve(path)).timeout(TIMEOUT);
        settings.apiKey().ifPresent(key -> builder.header("Authorization", "Bearer " + key));
        return builder;
    }

    /// Asks the server for its models.
    ///
    /// @return the server's first model
    /// @throws IOException if the server cannot be reached
    /// @throws InterruptedException if this thread is interrupted
    public Model model() throws IOException, InterruptedException {
        HttpResponse<String> answer =
                client.send(request("/v1/models").GET().build(), HttpResponse.BodyHandlers.ofString());
        try {
            JsonNode model = JSON.readTree(answer.body()).path("data").path(0);
            return new Model(
                    model.path("id").stringValue(),
                    model.path("meta").path("n_vocab").intValue(),
                    model.path("max_model_len").intValue());
        } catch (JacksonException e) {
            throw new InputException(
                    base + "/v1/models must answer in Saiki's format, got status " + answer.statusCode(), e);
        }
    }

    /// Encodes a corpus on the server, or only the first characters of a large corpus, and makes a source of
    /// prompts from it.
    ///
    /// @param corpus the text
    /// @return the prompts
    /// @throws IOException if the server cannot be reached
    /// @throws InterruptedException if this thread is interrupted
    /// @throws InputException if the text cannot be read, or the server cannot encode
    public TextPrompts prompts(Corpus corpus) throws IOException, InterruptedException {
        List<int[]> parts = new ArrayList<>();
        for (Document document : corpus.inPieces(PIECE_CHARACTERS).beginning(MAX_CHARACTERS)) {
            parts.add(tokenize(document.text()));
        }
        return new TextPrompts(corpus.name(), parts);
    }

    private int[] tokenize(String text) throws IOException, InterruptedException {
        ObjectNode body = JSON.createObjectNode().put("prompt", text).put("add_special_tokens", false);
        HttpRequest http = request("/tokenize")
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(body)))
                .build();
        HttpResponse<String> answer = client.send(http, HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() != 200) {
            throw new InputException(base + "/tokenize must encode the prompts' text, got status " + answer.statusCode()
                    + ": " + answer.body());
        }
        return JSON.readTree(answer.body())
                .path("tokens")
                .valueStream()
                .mapToInt(JsonNode::intValue)
                .toArray();
    }

    @Override
    public LoadOutcome ask(LoadRequest request) {
        return ask(request, UUID.randomUUID().toString());
    }

    /// Sends a request and waits for its answer.
    ///
    /// @param request the request to send
    /// @param id the id of the request
    /// @return the outcome
    public LoadOutcome ask(LoadRequest request, String id) {
        HttpRequest http = request("/v1/completions")
                .header(REQUEST_ID, id)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(body(request)))
                .build();
        try {
            HttpResponse<InputStream> answer = client.send(http, HttpResponse.BodyHandlers.ofInputStream());
            try (InputStream body = answer.body()) {
                return switch (answer.statusCode()) {
                    case 200 -> settings.stream() ? stream(body, request.tokens()) : whole(body, request.tokens());
                    case 429 -> refused(answer);
                    default ->
                        new LoadOutcome.Failed("status " + answer.statusCode() + ": "
                                + new String(body.readNBytes(500), StandardCharsets.UTF_8));
                };
            }
        } catch (IOException | JacksonException e) {
            return new LoadOutcome.Failed(e.toString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return new LoadOutcome.Failed("interrupted");
        }
    }

    private byte[] body(LoadRequest request) {
        ObjectNode body = JSON.createObjectNode();
        ArrayNode prompt = body.putArray("prompt");
        Arrays.stream(request.prompt()).forEach(prompt::add);
        body.put("max_tokens", request.tokens());
        body.put("temperature", 0);
        body.put("ignore_eos", true);
        if (settings.stream()) {
            body.put("stream", true);
            body.putObject("stream_options").put("include_usage", true);
            body.put("return_depths", true);
        }
        settings.effort().ifPresent(effort -> body.put("effort", effort));
        settings.maxDepth().ifPresent(depth -> body.put("max_depth", depth));
        return JSON.writeValueAsBytes(body);
    }

    private static LoadOutcome refused(HttpResponse<?> answer) {
        return answer.headers().firstValue("Retry-After").isPresent()
                ? new LoadOutcome.Refused()
                : new LoadOutcome.Failed("status 429 without Retry-After");
    }

    private static LoadOutcome whole(InputStream body, int tokens) {
        JsonNode answer = JSON.readTree(body);
        return answered(new long[] {System.nanoTime()}, answer.path("usage"), tokens);
    }

    private static LoadOutcome stream(InputStream body, int tokens) throws IOException {
        long[] times = new long[tokens];
        int count = 0;
        String last = "";
        BufferedReader lines = new BufferedReader(new InputStreamReader(body, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (!line.startsWith(EVENT)) {
                continue;
            }
            if (line.contains(TOKEN) && !line.contains(TOKEN + "]")) {
                if (count == tokens) {
                    return new LoadOutcome.Failed("more than " + tokens + " tokens arrived");
                }
                times[count] = System.nanoTime();
                count++;
            } else if (line.endsWith(DONE)) {
                // A connection is reused only if its answer was read to the end.
                lines.transferTo(Writer.nullWriter());
                return count == tokens
                        ? answered(
                                times,
                                JSON.readTree(last.substring(EVENT.length())).path("usage"),
                                tokens)
                        : new LoadOutcome.Failed(count + " of " + tokens + " tokens arrived");
            }
            last = line;
        }
        return new LoadOutcome.Failed("the stream ended without " + DONE + ": " + last);
    }

    private static LoadOutcome answered(long[] times, JsonNode usage, int tokens) {
        int written = usage.path("completion_tokens").intValue();
        if (written != tokens) {
            return new LoadOutcome.Failed("the usage field reports " + written + " of " + tokens + " tokens");
        }
        long processed = 0;
        for (JsonNode atDepth : usage.path("recursions").path("histogram").values()) {
            processed += atDepth.longValue();
        }
        return new LoadOutcome.Answered(
                times,
                written,
                usage.path("recursions").path("sum").longValue(0),
                processed,
                usage.path("prompt_tokens_details").path("cached_tokens").longValue(0));
    }

    @Override
    public void close() {
        client.close();
        threads.close();
    }
}
