package dev.saiki.server;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.zip.GZIPOutputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;
import tools.jackson.databind.util.RawValue;

/// A random source of requests that are wrong in all ways in which requests have been used to break servers.
final class HostileRequests {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final int MAX_SHOWN = 400;

    /// The valid requests from which most hostile ones are made.
    private static final List<String> POSTS = List.of(
            "/v1/completions", "/v1/chat/completions", "/v1/responses", "/v1/embeddings", "/tokenize", "/detokenize");

    private static final List<String> BODIES = List.of("""
            {"prompt":"the sea","max_tokens":4,"temperature":0.5,"top_p":0.9,"top_k":5,"seed":3,"stop":["x"],
             "logprobs":2,"echo":true,"n":2,"logit_bias":{"7":-100}}""", """
            {"prompt":[[1,2,3],[4,5]],"max_tokens":3,"stream":true,"stream_options":{"include_usage":true}}""", """
            {"messages":[{"role":"system","content":"a"},{"role":"user","content":[{"type":"text","text":"b"}]}],
             "max_tokens":4,"logprobs":true,"top_logprobs":2,"min_depth":2,"return_depths":true,"min_tokens":2,
             "stop_token_ids":[7,8],"whole_utf8":false}""", """
            {"messages":[{"role":"user","content":"b"}],"max_completion_tokens":20,"tool_choice":"required",
             "tools":[{"type":"function","function":{"name":"f","parameters":{"type":"object","properties":
             {"a":{"type":"integer"}},"required":["a"],"additionalProperties":false}}}]}""", """
            {"messages":[{"role":"user","content":"b"}],"max_tokens":9,"tool_choice":"auto","parallel_tool_calls":false,
             "tools":[{"type":"function","function":{"name":"f"}}]}""", """
            {"input":[{"role":"user","content":"b"},{"type":"function_call","name":"f","arguments":"{}","call_id":"c"},
             {"type":"function_call_output","call_id":"c","output":"1"}],"max_output_tokens":4,"instructions":"i"}""", """
            {"input":"b","max_output_tokens":9,"text":{"format":{"type":"json_schema","name":"s","schema":
             {"type":"object","properties":{"a":{"enum":["b","c"]}},"required":["a"]}}}}""", """
            {"prompt":"a","max_tokens":9,"structured_outputs":{"regex":"[ab]{2,4}|c+d?"}}""", """
            {"prompt":"a<|endoftext|>b","return_token_strs":true}""", """
            {"tokens":[5,6,7]}""", """
            {"input":["the sea",[1,2,3]],"encoding_format":"base64","dimensions":3,"user":"u","max_depth":2}""");

    /// Values that developers forget to consider.
    private static final List<String> VALUES = List.of(
            "null",
            "true",
            "-1",
            "0",
            "1e400",
            "-1e-400",
            "9223372036854775808",
            "2147483648",
            "0.1",
            "1.0",
            "\"\"",
            "\"\\u0000\"",
            "\"\\ud800\"",
            "\"\\udc00\\ud800\"",
            "\"\\u202e\\ufeff\\u0301\"",
            "\"\\r\\nX: Injected\"",
            "\"../../../../etc/passwd\"",
            "\"file:///etc/passwd\"",
            "\"${jndi:ldap://127.0.0.1/a}\"",
            "\"{{7*7}}\"",
            "\"' OR 1=1 --\"",
            "\"<script>alert(1)</script>\"",
            "\"%n%s%x\"",
            "[]",
            "{}",
            "[[[[[[[[]]]]]]]]",
            "{\"$ref\":\"#\"}",
            "[null]",
            "[-1]",
            "[99999999]",
            "[1.5]",
            "\"(a*)*b\"",
            "\"(a{9999}){9999}\"",
            "\"[\"",
            "{\"type\":\"object\",\"properties\":{\"a\":{\"$ref\":\"#\"}}}",
            "{\"type\":\"array\",\"minItems\":2147483647}",
            "{\"type\":\"string\",\"maxLength\":1000000000}",
            "{\"type\":\"string\",\"pattern\":\"^(.+)+$\"}",
            "{\"anyOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#\"}]}",
            "{\"$ref\":\"https://127.0.0.1/schema.json\"}",
            "{\"enum\":[]}",
            "{\"type\":[\"string\",\"null\"]}",
            "{\"const\":{\"a\":[1]}}");

    private static final List<String> PATHS = List.of(
            "/v1/models/../../../etc/passwd",
            "/v1/models/%2e%2e%2f%2e%2e%2fetc%2fpasswd",
            "/v1/models/%00",
            "/%c0%ae%c0%ae/",
            "/v1/models/tiny%0d%0aX:%20Injected",
            "//etc/passwd",
            "/..",
            "/.git/config",
            "/openapi.json/../../x",
            "/v1/models/",
            "/v1/models/%ff%fe",
            "/metrics?a=%00",
            "/health;jsessionid=1",
            "/v1/completions/",
            "/V1/MODELS",
            "/%",
            "/a%zz",
            "/v1/models/" + "a".repeat(3000),
            "*",
            "http://127.0.0.1/health",
            "/slots#x",
            "/\u00e9");

    private static final List<String> METHODS =
            List.of("GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "FOO", "get");

    private static final List<String> HEADERS = List.of(
            "X-Request-Id: a\u000bb",
            "X-Request-Id: " + "a".repeat(500),
            "X-Request-Id: \u00e9",
            "Authorization: Bearer",
            "Authorization: Basic \u0001",
            "Content-Type: application/xml",
            "Accept: \u0000",
            "Cookie: " + "a=b;".repeat(600),
            "Expect: 100-continue",
            "Expect: nothing",
            "Connection: upgrade",
            "Upgrade: h2c",
            "Host: evil",
            "X: y\r\n Injected: z",
            "Range: bytes=0-1",
            "Origin: http://evil",
            "Content-Encoding: br",
            "Accept-Encoding: gzip",
            "Forwarded: for=_x",
            "Bad Header",
            ": empty",
            "X-Forwarded-For: ' OR 1");

    private final SplittableRandom random;
    private final int vocabulary;
    private final byte[] bomb = bomb();

    /// A request in its encoded form.
    ///
    /// @param bytes the complete request
    /// @param complete whether the server can tell where the request ends
    /// @param mayClose whether the server may read later bytes on the connection as a part of the request
    @SuppressWarnings("ArrayRecordComponent") // Nothing compares requests.
    record Request(byte[] bytes, boolean complete, boolean mayClose) {

        String shown() {
            String text = new String(bytes, StandardCharsets.UTF_8);
            return text.length() > MAX_SHOWN ? text.substring(0, MAX_SHOWN) + "…" : text;
        }
    }

    HostileRequests(long seed, int vocabulary) {
        this.random = new SplittableRandom(seed);
        this.vocabulary = vocabulary;
    }

    private <T> T one(List<T> of) {
        return of.get(random.nextInt(of.size()));
    }

    /// Draws the next request.
    Request next() {
        return switch (random.nextInt(12)) {
            case 0 -> post(one(POSTS), mangled(one(BODIES).getBytes(StandardCharsets.UTF_8)), "");
            case 1 -> post(one(POSTS), noise(random.nextInt(300)), "");
            case 2 -> post(one(POSTS), deep(), "");
            case 3 -> post(one(POSTS), tokens(), "");
            case 4 -> other();
            case 5 -> post(one(POSTS), one(BODIES).getBytes(StandardCharsets.UTF_8), one(HEADERS) + "\r\n");
            case 6 -> framing();
            case 7 -> post(one(POSTS), bomb, "Content-Encoding: gzip\r\n");
            default -> post(one(POSTS), mutated(), "");
        };
    }

    private static Request post(String path, byte[] body, String headers) {
        return request("POST " + path, body, "Content-Length: " + body.length + "\r\n" + headers, true);
    }

    private static Request request(String line, byte[] body, String headers, boolean complete) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.writeBytes(
                (line + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n" + headers + "\r\n")
                        .getBytes(StandardCharsets.UTF_8));
        bytes.writeBytes(body);
        boolean plain = headers.matches("Content-Length: \\d+\r\n");
        return new Request(bytes.toByteArray(), complete, !plain);
    }

    /// A request with an unknown method or path.
    private Request other() {
        byte[] body = random.nextBoolean() ? new byte[0] : one(BODIES).getBytes(StandardCharsets.UTF_8);
        return request(one(METHODS) + " " + one(PATHS), body, "Content-Length: " + body.length + "\r\n", true);
    }

    /// Wrong lengths, and contradictory information on the request's end.
    private Request framing() {
        byte[] body = one(BODIES).getBytes(StandardCharsets.UTF_8);
        String line = "POST " + one(POSTS);
        return switch (random.nextInt(8)) {
            case 0 -> request(line, body, "Content-Length: " + (body.length + 5) + "\r\n", false);
            case 1 -> request(line, body, "Content-Length: -1\r\n", false);
            case 2 -> request(line, body, "Content-Length: 99999999999999999999\r\n", false);
            case 3 -> request(line, body, "Content-Length: 5\r\nContent-Length: " + body.length + "\r\n", false);
            case 4 -> request(line, body, "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", false);
            case 5 ->
                request(
                        line,
                        "zz\r\nabc\r\n0\r\n\r\n".getBytes(StandardCharsets.UTF_8),
                        "Transfer-Encoding: chunked\r\n",
                        false);
            case 6 ->
                request(
                        line,
                        "7fffffff\r\n{".getBytes(StandardCharsets.UTF_8),
                        "Transfer-Encoding: chunked\r\n",
                        false);
            default -> request(line, body, "Transfer-Encoding: gzip, chunked\r\n", false);
        };
    }

    private byte[] noise(int length) {
        byte[] bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }

    /// A body with bytes changed, removed or inserted, or with its end missing.
    private byte[] mangled(byte[] body) {
        byte[] bytes = body.clone();
        for (int change = 0; change < 1 + random.nextInt(4); change++) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] = (byte) random.nextInt();
                case 1 -> bytes[at] = (byte) "{}[]\",:\\0e-".charAt(random.nextInt(11));
                case 2 -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
                default -> {
                    byte[] longer = Arrays.copyOf(bytes, bytes.length + 1);
                    System.arraycopy(bytes, at, longer, at + 1, bytes.length - at);
                    bytes = longer;
                }
            }
        }
        return bytes;
    }

    /// JSON nested far deeper than any request needs, closed or not.
    private byte[] deep() {
        int depth = 1 << random.nextInt(4, 13);
        String opened = random.nextBoolean() ? "[".repeat(depth) : "{\"a\":".repeat(depth);
        String name = one(List.of("prompt", "messages", "input", "tools", "metadata", "tokens"));
        return ("{\"" + name + "\":" + opened + (random.nextBoolean() ? "]".repeat(depth) + "}" : ""))
                .getBytes(StandardCharsets.UTF_8);
    }

    /// Ids at and beyond the limits of the vocabulary.
    private byte[] tokens() {
        ArrayNode ids = JSON.createArrayNode();
        int count = random.nextInt(80);
        for (int id = 0; id < count; id++) {
            int beyond = one(List.of(-1, vocabulary, Integer.MAX_VALUE, Integer.MIN_VALUE));
            ids.add(random.nextInt(80) == 0 ? beyond : random.nextInt(vocabulary));
        }
        ObjectNode body = JSON.createObjectNode().put("max_tokens", random.nextInt(-1, 6));
        body.set(random.nextBoolean() ? "prompt" : "tokens", ids);
        body.put("echo", random.nextBoolean());
        return JSON.writeValueAsBytes(body);
    }

    /// A body with some of its values, at any depth, replaced by others.
    private byte[] mutated() {
        JsonNode body = JSON.readTree(one(BODIES));
        for (int change = 0; change < 1 + random.nextInt(3); change++) {
            JsonNode container = one(containers(body));
            if (container instanceof ObjectNode object && !object.isEmpty()) {
                String name = one(List.copyOf(object.propertyNames()));
                object.putRawValue(name, new RawValue(one(VALUES)));
            } else if (container instanceof ArrayNode array && !array.isEmpty()) {
                array.addRawValue(new RawValue(one(VALUES)));
            }
        }
        return JSON.writeValueAsBytes(body);
    }

    private static List<JsonNode> containers(JsonNode root) {
        List<JsonNode> found = new ArrayList<>(List.of(root));
        for (int at = 0; at < found.size(); at++) {
            found.get(at).values().stream().filter(JsonNode::isContainer).forEach(found::add);
        }
        return found;
    }

    /// Sixteen mebibytes of spaces in sixteen kibibytes.
    private static byte[] bomb() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream gzip = new GZIPOutputStream(bytes)) {
            byte[] spaces = new byte[1 << 20];
            Arrays.fill(spaces, (byte) ' ');
            for (int block = 0; block < 16; block++) {
                gzip.write(spaces);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
