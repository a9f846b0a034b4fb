package dev.saiki.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
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
/// Playwright for Java was rejected: it adds 206 MB of Node and drivers, while a web socket and a dozen commands
/// suffice here.
public final class Chromium implements AutoCloseable {

    private static final JsonMapper JSON = JsonMapper.builder().build();
    private static final String LISTENING = "DevTools listening on ";
    private static final int SECONDS = 60;

    private static final String UNDRAWN = """
        (() => {
          const used = new Map();
          const use = (element, text) => {
            const style = getComputedStyle(element);
            const font = [style.fontStyle, style.fontWeight, "24px", style.fontFamily].join(" ");
            if (!used.has(font)) used.set(font, new Set());
            for (const one of text) {
              if (!/[\\p{Cc}\\p{Z}\\p{Default_Ignorable_Code_Point}]/u.test(one)) used.get(font).add(one);
            }
          };
          const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walker.nextNode()) {
            const element = walker.currentNode.parentElement;
            if (!element.matches("script, style")) use(element, walker.currentNode.data);
          }
          for (const input of document.querySelectorAll("input")) use(input, input.value + input.placeholder);
          const canvas = document.createElement("canvas");
          canvas.width = canvas.height = 48;
          const pen = canvas.getContext("2d", { willReadFrequently: true });
          const picture = (text) => {
            pen.clearRect(0, 0, 48, 48);
            pen.fillText(text, 10, 34);
            return pen.getImageData(0, 0, 48, 48).data.join();
          };
          const undrawn = new Set();
          for (const [font, characters] of used) {
            pen.font = font;
            const like = new Set([" ", "\\u0378", "\\uffff", "\\u{10fffd}"].map(picture));
            for (const one of characters) if (like.has(picture(one))) undrawn.add(one);
          }
          return Array.from(undrawn);
        })()""";

    private final TestProcess process;
    private final AtomicInteger lastId = new AtomicInteger();
    private final Map<Integer, CompletableFuture<JsonNode>> waiting = new ConcurrentHashMap<>();
    private final List<JsonNode> events = new CopyOnWriteArrayList<>();
    private final WebSocket socket;
    private final String session;

    private Chromium(TestProcess process, String address) {
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
    /// @param profile a folder for the browser's profile
    /// @return the browser, for the caller to close
    /// @throws IOException if the browser cannot be started
    /// @throws IllegalStateException if Chromium is not installed
    public static Chromium start(Path profile) throws IOException {
        String binary = Program.CHROMIUM.path();
        TestProcess started = TestProcess.start(
                List.of(
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
                        "about:blank"),
                builder -> builder.redirectOutput(ProcessBuilder.Redirect.DISCARD));
        BufferedReader messages = started.process().errorReader(StandardCharsets.UTF_8);
        for (String line = messages.readLine(); line != null; line = messages.readLine()) {
            if (line.startsWith(LISTENING)) {
                Thread.ofVirtual().start(() -> messages.lines().forEach(_ -> {}));
                return new Chromium(started, line.substring(LISTENING.length()));
            }
        }
        started.close();
        throw new IllegalStateException(binary + " ended without opening its debugging port");
    }

    /// Opens a page with a window size and a light or dark preference, and waits until it is loaded.
    ///
    /// @param page the page's address
    /// @param width the window's width
    /// @param height the window's height
    /// @param dark whether dark pages are preferred
    /// @throws InterruptedException if the thread is interrupted while it waits
    public void open(URI page, int width, int height, boolean dark) throws InterruptedException {
        events.clear();
        call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", height, "deviceScaleFactor", 1, "mobile", width < 600));
        setMedia("", dark);
        call("Page.navigate", Map.of("url", page.toString()));
        for (int tries = 0; tries < SECONDS * 20; tries++) {
            if (!events("Page.loadEventFired").isEmpty()) {
                return;
            }
            Thread.sleep(50);
        }
        throw new IllegalStateException(page + " was not loaded");
    }

    /// Changes the light or dark preference of the open page.
    ///
    /// @param dark whether dark pages are preferred
    public void prefer(boolean dark) {
        setMedia("", dark);
    }

    private void setMedia(String media, boolean dark) {
        call(
                "Emulation.setEmulatedMedia",
                Map.of(
                        "media",
                        media,
                        "features",
                        List.of(
                                Map.of("name", "prefers-color-scheme", "value", dark ? "dark" : "light"),
                                Map.of("name", "prefers-reduced-motion", "value", "reduce"))));
    }

    /// Lays out the open page for printing, until another page is opened.
    ///
    /// @param width the width of the paper, in CSS pixels
    /// @param dark whether the screen prefers dark pages
    public void layOutForPaper(int width, boolean dark) {
        call(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", width, "height", width * 3 / 2, "deviceScaleFactor", 1, "mobile", false));
        setMedia("print", dark);
    }

    /// Prints the page on A4, like the browser's dialog.
    ///
    /// @param file the PDF file to write
    /// @throws IOException if the file cannot be written
    public void print(Path file) throws IOException {
        JsonNode printed = call("Page.printToPDF", Map.of("paperWidth", 8.27, "paperHeight", 11.69));
        write(file, printed.path("data").asString());
    }

    /// Allows or forbids scripts on pages opened from now on.
    ///
    /// @param allowed whether scripts run
    public void setScripts(boolean allowed) {
        call("Emulation.setScriptExecutionDisabled", Map.of("value", !allowed));
    }

    /// Evaluates an expression on the page, and awaits its promise.
    ///
    /// @param expression a JavaScript expression
    /// @return the expression's value
    public JsonNode evaluate(String expression) {
        JsonNode result =
                call("Runtime.evaluate", Map.of("expression", expression, "returnByValue", true, "awaitPromise", true));
        if (result.has("exceptionDetails")) {
            throw new IllegalStateException(expression + ": " + result.path("exceptionDetails"));
        }
        return result.path("result").path("value");
    }

    /// Presses and releases a key.
    ///
    /// @param key the key's name
    /// @param code the key's virtual key code on Windows
    public void press(String key, int code) {
        press(key, code, 0);
    }

    /// Presses and releases a key with modifiers.
    ///
    /// @param key the key's name
    /// @param code the key's virtual key code on Windows
    /// @param modifiers 1 for Alt, 2 for Ctrl, 4 for Meta, 8 for Shift, or a sum
    public void press(String key, int code, int modifiers) {
        Map<String, Object> event = new HashMap<>();
        event.put("key", key);
        event.put("code", key);
        event.put("windowsVirtualKeyCode", code);
        event.put("modifiers", modifiers);
        // Enter presses a button only if the event contains Enter's character.
        boolean writes = key.equals("Enter") || key.length() == 1;
        if (writes && modifiers == 0) {
            event.put("text", key.equals("Enter") ? "\r" : key);
        }
        for (String type : List.of(event.containsKey("text") ? "keyDown" : "rawKeyDown", "keyUp")) {
            event.put("type", type);
            call("Input.dispatchKeyEvent", event);
        }
    }

    /// Inserts text at the focus, without key events.
    ///
    /// @param text the text to insert
    public void type(String text) {
        call("Input.insertText", Map.of("text", text));
    }

    /// Clicks a position in the window with the mouse.
    ///
    /// @param x from the window's left edge
    /// @param y from the window's upper edge
    public void click(double x, double y) {
        for (String type : List.of("mouseMoved", "mousePressed", "mouseReleased")) {
            call("Input.dispatchMouseEvent", Map.of("type", type, "x", x, "y", y, "button", "left", "clickCount", 1));
        }
    }

    /// Returns the fonts used to draw an element and its content.
    ///
    /// @param selector the element's CSS selector
    /// @return the names of font families
    public List<String> fonts(String selector) {
        JsonNode root = call("DOM.getDocument", Map.of()).path("root");
        JsonNode node =
                call("DOM.querySelector", Map.of("nodeId", root.path("nodeId").asInt(), "selector", selector));
        List<String> names = new ArrayList<>();
        call("CSS.getPlatformFontsForNode", Map.of("nodeId", node.path("nodeId").asInt()))
                .path("fonts")
                .forEach(font -> names.add(font.path("familyName").asString()));
        return names;
    }

    /// Finds the characters in the page's texts that the page's fonts cannot draw. Such a character appears as a
    /// box, or not at all. White space and intentionally invisible characters are ignored.
    ///
    /// @return the characters, each tested in the fonts of every element that contains it
    public List<String> undrawn() {
        List<String> characters = new ArrayList<>();
        evaluate(UNDRAWN).forEach(character -> characters.add(character.asString()));
        return characters;
    }

    /// Takes a screenshot of the whole page.
    ///
    /// @param file the file to write
    /// @throws IOException if the file cannot be written
    public void picture(Path file) throws IOException {
        JsonNode shot = call("Page.captureScreenshot", Map.of("captureBeyondViewport", true, "format", "png"));
        write(file, shot.path("data").asString());
    }

    private static void write(Path file, String base64) throws IOException {
        Files.createDirectories(Objects.requireNonNull(file.toAbsolutePath().getParent()));
        Files.write(file, Base64.getDecoder().decode(base64));
    }

    /// Returns the protocol events of one kind since the page was opened.
    ///
    /// @param method the method of the DevTools protocol
    /// @return the parameters of each event
    public List<JsonNode> events(String method) {
        return events.stream()
                .filter(event -> event.path("method").asString().equals(method))
                .map(event -> event.path("params"))
                .toList();
    }

    /// Returns the exceptions, console messages and entries of the browser's own log since the page was opened.
    ///
    /// @return the events as JSON; empty if there are none
    public List<String> problems() {
        List<String> problems = new ArrayList<>();
        for (String method : List.of("Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled")) {
            events(method).forEach(event -> problems.add(event.toString()));
        }
        return problems;
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
        process.process().destroy();
        process.process()
                .onExit()
                .completeOnTimeout(process.process(), SECONDS, TimeUnit.SECONDS)
                .join();
        process.close();
    }

    /// A listener that assembles message fragments.
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
