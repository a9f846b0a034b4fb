package dev.saiki.eval.report;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A headless Chromium with one page, driven over its DevTools protocol.
///
/// Playwright for Java was weighed: it brings 206 MB of Node and drivers for what takes a web socket and a dozen
/// commands here.
final class Chromium implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String LISTENING = "DevTools listening on ";
    private static final int SECONDS = 60;

    private final Process process;
    private final AtomicInteger lastId = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
    private final List<JsonNode> events = new CopyOnWriteArrayList<>();
    private final WebSocket socket;
    private final String session;

    private Chromium(Process process, String address) {
        this.process = process;
        this.socket = HttpClient.newHttpClient()
                .newWebSocketBuilder()
                .buildAsync(URI.create(address), new Listener())
                .join();
        String target = call("Target.createTarget", Map.of("url", "about:blank"), "")
                .path("targetId")
                .asString();
        this.session = call("Target.attachToTarget", Map.of("targetId", target, "flatten", true), "")
                .path("sessionId")
                .asString();
        for (String domain : List.of("Page", "Runtime", "Log", "Network", "DOM", "CSS")) {
            call(domain + ".enable", Map.of());
        }
    }

    /// Starts a browser.
    ///
    /// @param profile a folder for what it keeps
    static Chromium start(Path profile) throws IOException {
        String binary = System.getenv().getOrDefault("CHROMIUM", "/usr/bin/chromium");
        if (!Files.isExecutable(Path.of(binary))) {
            throw new IllegalStateException(binary + " is not there; install it, by 'apt-get install chromium"
                    + " fonts-noto-cjk' on Debian, or name another in CHROMIUM");
        }
        Process process = new ProcessBuilder(
                        binary,
                        "--headless=new",
                        "--remote-debugging-port=0",
                        "--user-data-dir=" + profile,
                        "--no-sandbox",
                        "--disable-gpu",
                        "--disable-quic",
                        "--no-first-run",
                        "--disable-background-networking",
                        "--disable-component-update",
                        "--disable-sync",
                        "--hide-scrollbars",
                        "about:blank")
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        BufferedReader messages =
                new BufferedReader(new InputStreamReader(process.getErrorStream(), StandardCharsets.UTF_8));
        for (String line = messages.readLine(); line != null; line = messages.readLine()) {
            if (line.startsWith(LISTENING)) {
                Thread.ofVirtual().start(() -> messages.lines().forEach(_ -> {}));
                return new Chromium(process, line.substring(LISTENING.length()));
            }
        }
        throw new IllegalStateException(binary + " ended without listening");
    }

    /// Opens a file at a size of the window, as light or dark pages look.
    void open(Path file, int width, int height, boolean dark) throws InterruptedException {
        events.clear();
        call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
        call(
                "Emulation.setEmulatedMedia",
                Map.of(
                        "features",
                        List.of(
                                Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"),
                                Map.of("name", "prefers-reduced-motion", "value", "reduce"))));
        call("Page.navigate", Map.of("url", file.toUri().toString()));
        for (int tries = 0; tries < SECONDS * 20; tries++) {
            if (!events("Page.loadEventFired").isEmpty()) {
                return;
            }
            Thread.sleep(50);
        }
        throw new IllegalStateException(file + " was not loaded");
    }

    /// Allows or forbids scripts on pages that are opened from now on.
    void setScripts(boolean allowed) {
        call("Emulation.setScriptExecutionDisabled", Map.of("value", !allowed));
    }

    /// Computes an expression on the page.
    JsonNode evaluate(String expression) {
        JsonNode result = call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true));
        if (result.has("exceptionDetails")) {
            throw new IllegalStateException(expression + ": " + result.path("exceptionDetails"));
        }
        return result.path("result").path("value");
    }

    /// Presses and releases a key.
    void press(String key, int code) {
        for (String type : List.of("rawKeyDown", "keyUp")) {
            call(
                    "Input.dispatchKeyEvent",
                    Map.of("type", type, "key", key, "code", key, "windowsVirtualKeyCode", code));
        }
    }

    /// Clicks, or taps, on a place of the window.
    void click(double x, double y) {
        for (String type : List.of("mouseMoved", "mousePressed", "mouseReleased")) {
            call("Input.dispatchMouseEvent", Map.of("type", type, "x", x, "y", y, "button", "left", "clickCount", 1));
        }
    }

    /// Names the fonts that an element and what is in it were drawn with.
    List<String> fonts(String selector) {
        JsonNode root = call("DOM.getDocument", Map.of()).path("root");
        JsonNode node =
                call("DOM.querySelector", Map.of("nodeId", root.path("nodeId").asInt(), "selector", selector));
        List<String> names = new ArrayList<>();
        call("CSS.getPlatformFontsForNode", Map.of("nodeId", node.path("nodeId").asInt()))
                .path("fonts")
                .forEach(font -> names.add(font.path("familyName").asString()));
        return names;
    }

    /// Takes a picture of the whole page.
    void picture(Path file) throws IOException {
        JsonNode shot = call("Page.captureScreenshot", Map.of("captureBeyondViewport", true, "format", "png"));
        Files.createDirectories(Objects.requireNonNull(file.toAbsolutePath().getParent()));
        Files.write(file, Base64.getDecoder().decode(shot.path("data").asString()));
    }

    /// Returns what the page reported since it was opened.
    List<JsonNode> events(String method) {
        return events.stream()
                .filter(event -> event.path("method").asString().equals(method))
                .map(event -> event.path("params"))
                .toList();
    }

    private JsonNode call(String method, Map<String, ?> parameters) {
        return call(method, parameters, session);
    }

    private JsonNode call(String method, Map<String, ?> parameters, String inSession) {
        int id = lastId.incrementAndGet();
        CompletableFuture<JsonNode> answer = new CompletableFuture<>();
        waiting.put(id, answer);
        ObjectNode message = JSON.createObjectNode();
        message.put("id", id);
        message.put("method", method);
        message.set("params", JSON.valueToTree(parameters));
        if (!inSession.isEmpty()) {
            message.put("sessionId", inSession);
        }
        socket.sendText(message.toString(), true).join();
        JsonNode reply = answer.orTimeout(SECONDS, TimeUnit.SECONDS).join();
        if (reply.has("error")) {
            throw new IllegalStateException(method + ": " + reply.path("error"));
        }
        return reply.path("result");
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }

    /// Puts the pieces of messages together and hands them on.
    private final class Listener implements WebSocket.Listener {
        private final StringBuilder message = new StringBuilder();

        @Override
        public @Nullable CompletionStage<?> onText(WebSocket from, CharSequence data, boolean last) {
            message.append(data);
            if (last) {
                JsonNode node = JSON.readTree(message.toString());
                message.setLength(0);
                CompletableFuture<JsonNode> answer =
                        waiting.remove(node.path("id").asInt(-1));
                if (answer != null) {
                    answer.complete(node);
                } else {
                    events.add(node);
                }
            }
            from.request(1);
            return null;
        }
    }
}
