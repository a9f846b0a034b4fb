package dev.saiki.rollout.proxy;

import dev.saiki.http.ApiException;
import dev.saiki.http.Exchange;
import dev.saiki.http.Json;
import dev.saiki.rollout.pair.RequestKind;
import dev.saiki.rollout.pair.Side;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.ModelEndpoint;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.cfg.JsonNodeFeature;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A request to forward, rewritten for a side: with the model's name at that side, the side's own key, and, for
/// the candidate, the plan's fields.
final class ForwardedRequest {

    /// The headers that may reach the candidate. No other header does, since any of them could hold a key.
    private static final Set<String> FOR_CANDIDATE = Set.of(
            "accept",
            "accept-language",
            "anthropic-beta",
            "anthropic-version",
            "content-type",
            "openai-beta",
            "traceparent",
            "tracestate",
            "user-agent",
            "x-conversation-id",
            "x-request-id");

    /// The query parameters that may reach the candidate.
    private static final Set<String> QUERY_FOR_CANDIDATE = Set.of(
            "after",
            "api-version",
            "before",
            "beta",
            "include",
            "include[]",
            "limit",
            "order",
            "starting_after",
            "stream");

    /// The headers in which vendors expect a key. They go to the baseline only if the client's key does.
    private static final Set<String> KEYS =
            Set.of("authorization", "api-key", "x-api-key", "x-goog-api-key", "ocp-apim-subscription-key");

    /// Headers that concern only the client and the gateway, and those that the gateway sets itself.
    private static final Set<String> NOT_FORWARDED = Set.of(
            "connection",
            "keep-alive",
            "proxy-authenticate",
            "proxy-authorization",
            "proxy-connection",
            "te",
            "trailer",
            "transfer-encoding",
            "upgrade",
            "host",
            "content-length",
            "expect",
            "accept-encoding",
            "cookie",
            "origin",
            "referer",
            "x-saiki-force-side");

    private static final Set<String> COMPARED_PATHS =
            Set.of("/v1/chat/completions", "/v1/completions", "/v1/responses");

    private static final String MODEL = "model";

    /// The deepest nesting of a body.
    private static final int DEEPEST = 1000;

    /// The largest number of JSON tokens in a body. A short token, such as `[`, takes up to a hundred bytes in memory.
    private static final long MOST_TOKENS = 1 << 20;

    private static final JsonMapper BODIES = JsonMapper.builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder()
                            .maxNestingDepth(DEEPEST)
                            .maxTokenCount(MOST_TOKENS)
                            .maxStringLength(Integer.MAX_VALUE)
                            .build())
                    .build())
            .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
            .disable(JsonNodeFeature.STRIP_TRAILING_BIGDECIMAL_ZEROES)
            .build();

    private final String method;
    private final String path;
    private final String query;
    private final Map<String, List<String>> headers;
    private final byte[] body;
    private final Optional<ObjectNode> json;

    private ForwardedRequest(String method, String path, String query, Map<String, List<String>> headers, byte[] body) {
        this.method = method;
        this.path = path;
        this.query = query;
        this.headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        headers.forEach((name, values) -> this.headers.merge(
                name,
                values,
                (some, more) -> Stream.concat(some.stream(), more.stream()).toList()));
        this.body = body;
        this.json = parse(body);
    }

    /// Creates a request from a client's request.
    static ForwardedRequest of(Exchange exchange, byte[] body) {
        return new ForwardedRequest(exchange.method(), exchange.path(), exchange.query(), exchange.headers(), body);
    }

    /// Creates a request that the gateway itself makes.
    ///
    /// @param path a path such as `/v1/completions`
    /// @param fields the fields of the request's body
    static ForwardedRequest own(String path, ObjectNode fields) {
        return new ForwardedRequest(
                "POST", path, "", Map.of("Content-Type", List.of(Json.CONTENT_TYPE)), BODIES.writeValueAsBytes(fields));
    }

    private static Optional<ObjectNode> parse(byte[] body) {
        if (body.length == 0) {
            return Optional.empty();
        }
        try {
            return BODIES.readTree(body) instanceof ObjectNode object ? Optional.of(object) : Optional.empty();
        } catch (StreamConstraintsException e) {
            throw ApiException.invalid(
                    "the body must have at most " + DEEPEST + " levels and " + MOST_TOKENS + " JSON tokens", null);
        } catch (JacksonException e) {
            // Malformed JSON is forwarded, since the baseline reports the mistake.
            return Optional.empty();
        }
    }

    String method() {
        return method;
    }

    String path() {
        return path;
    }

    /// Returns the first value of a header; case is ignored in its name.
    Optional<String> header(String name) {
        return headers.getOrDefault(name, List.of()).stream().findFirst();
    }

    /// The fields of the body; an empty object if the body is not JSON.
    JsonNode fields() {
        return json.map(JsonNode.class::cast).orElseGet(BODIES::createObjectNode);
    }

    /// The unchanged body as text.
    String text() {
        return new String(body, StandardCharsets.UTF_8);
    }

    /// The requested model; empty if none is named.
    String model() {
        return fields().path(MODEL).asString("");
    }

    /// Whether the answer is requested as a stream of events.
    boolean streams() {
        return fields().path("stream").asBoolean(false);
    }

    /// Whether the request is for generated text, which can be compared.
    boolean isGeneration() {
        return method.equals("POST") && json.isPresent() && COMPARED_PATHS.contains(path);
    }

    /// The kind of the request.
    RequestKind kind() {
        return RequestKind.of(path, fields());
    }

    /// Whether the request may be sent to both sides. It may not if a side itself runs tools for the request,
    /// which would then run twice, or if the request depends on state that only one side stores.
    boolean canBeMirrored() {
        JsonNode fields = fields();
        for (JsonNode tool : fields.path("tools")) {
            if (!tool.path("type").asString("function").equals("function")) {
                return false;
            }
        }
        return !fields.hasNonNull("previous_response_id")
                && !fields.hasNonNull("conversation")
                && !fields.hasNonNull("web_search_options")
                && !fields.path("background").asBoolean(false);
    }

    /// Rewrites the request for a side.
    ///
    /// @param side receives the request
    /// @param plan the plan with the side's endpoint
    /// @param fields the fields that are added to the body
    /// @param passesKey whether the client's key is forwarded if the baseline has no key of its own
    UpstreamRequest to(Side side, GatewayPlan plan, Map<String, JsonNode> fields, boolean passesKey) {
        ModelEndpoint endpoint = plan.endpoint(side);
        boolean isCandidate = side == Side.CANDIDATE;
        boolean keepsKeys = passesKey && !isCandidate && endpoint.key().isEmpty();
        Set<String> left = new HashSet<>(NOT_FORWARDED);
        header("Connection").ifPresent(named -> {
            for (String name : named.split(",", -1)) {
                left.add(name.strip().toLowerCase(Locale.ROOT));
            }
        });
        List<UpstreamRequest.Header> forwarded = new ArrayList<>();
        headers.forEach((name, values) -> {
            String lower = name.toLowerCase(Locale.ROOT);
            boolean passes = isCandidate ? FOR_CANDIDATE.contains(lower) : keepsKeys || !KEYS.contains(lower);
            if (passes && !left.contains(lower)) {
                values.forEach(value -> forwarded.add(new UpstreamRequest.Header(name, value)));
            }
        });
        forwarded.add(new UpstreamRequest.Header("Accept-Encoding", "identity"));
        endpoint.key().ifPresent(key -> forwarded.add(new UpstreamRequest.Header("Authorization", "Bearer " + key)));
        URI address = endpoint.at(path, isCandidate ? queryForCandidate() : query);
        return new UpstreamRequest(method, address, forwarded, rewritten(endpoint, plan.model(), fields));
    }

    private String queryForCandidate() {
        return Arrays.stream(query.split("&", -1))
                .filter(parameter -> QUERY_FOR_CANDIDATE.contains(
                        URLDecoder.decode(parameter.split("=", 2)[0], StandardCharsets.UTF_8)))
                .collect(Collectors.joining("&"));
    }

    private byte[] rewritten(ModelEndpoint endpoint, String own, Map<String, JsonNode> fields) {
        if (json.isEmpty() || !model().equals(own)) {
            return body;
        }
        ObjectNode changed = BODIES.createObjectNode();
        changed.setAll(json.get());
        changed.put(MODEL, endpoint.model());
        fields.forEach(changed::set);
        return BODIES.writeValueAsBytes(changed);
    }
}
