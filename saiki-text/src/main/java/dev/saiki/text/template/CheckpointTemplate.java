package dev.saiki.text.template;

import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// The chat template of a checkpoint in Hugging Face's format, with the special tokens that it may use.
///
/// A file `chat_template.jinja` takes precedence over the field `chat_template` of `tokenizer_config.json`. If
/// that field has several templates, the template `tool_use` is used for conversations with functions and the
/// template `default` for all others.
public final class CheckpointTemplate {

    /// The name of the file.
    public static final String FILE = "chat_template.jinja";

    private static final String FIELD = "chat_template";
    private static final List<String> TOKEN_FILES = List.of("tokenizer_config.json", "special_tokens_map.json");
    private static final String DEFAULT = "default";
    private static final String WITH_TOOLS = "tool_use";
    private static final String TOOLS = "tools";
    private static final String MESSAGES = "messages";
    private static final String GENERATION_PROMPT = "add_generation_prompt";
    private static final Set<String> RESERVED = Set.of(MESSAGES, TOOLS, GENERATION_PROMPT);
    private static final String CONTENT = "content";

    /// The source of a generated template, which puts the speakers' names before messages; the placeholders are
    /// replaced by the begin and end tokens. An answer starts on its own line: on the line of the name it would
    /// begin with the space after the colon.
    private static final String PLAIN = """
            @begin@{% for message in messages %}
            {% if message.role == 'system' %}
            {{ message.content | trim }}{{ '\\n\\n' }}
            {%- elif message.role == 'user' %}
            {{ 'User: ' }}{{ message.content | trim }}{{ '\\n' }}
            {%- elif message.role == 'assistant' and not message.tool_calls %}
            {{ 'Assistant:\\n' }}{{ message.content }}@end@{{ '\\n' }}
            {%- else %}
            {{ raise_exception('this chat template supports neither tool calls nor tool results') }}
            {%- endif %}
            {% endfor %}
            {% if add_generation_prompt %}{{ 'Assistant:\\n' }}{% endif %}
            """;

    /// A text that occurs in no template.
    private static final String PROBE = "saikiprobe";

    private static final long MAX_BYTES = 1 << 25;

    private final Map<String, String> sources;
    private final Map<String, ChatTemplate> templates;
    private final Map<String, JsonNode> tokens;

    private CheckpointTemplate(
            Map<String, String> sources, Map<String, ChatTemplate> templates, Map<String, JsonNode> tokens) {
        this.sources = sources;
        this.templates = templates;
        this.tokens = tokens;
    }

    /// Tells whether a checkpoint has a template.
    ///
    /// @param folder the checkpoint's folder
    /// @return whether the checkpoint has a template
    /// @throws IOException if the folder cannot be read
    /// @throws InputException if the checkpoint's settings are not valid JSON
    public static boolean isIn(Path folder) throws IOException {
        return !sources(folder).isEmpty();
    }

    /// Finds out what keeps the template among a checkpoint's files from being run.
    ///
    /// @param files the contents of the checkpoint's files, by file name
    /// @return the line and the construct that is invalid or unsupported; empty if there is none, or no template
    public static Optional<String> problem(Map<String, byte[]> files) {
        try {
            Optional<byte[]> own = Optional.ofNullable(files.get(FILE));
            byte[] settings = files.getOrDefault(TOKEN_FILES.getFirst(), new byte[] {'{', '}'});
            Map<String, String> sources = own.map(source -> Map.of(DEFAULT, new String(source, StandardCharsets.UTF_8)))
                    .orElseGet(
                            () -> sources(JsonMapper.shared().readTree(settings).path(FIELD)));
            sources.values().forEach(source -> ChatTemplate.parse(source, FIELD, Clock.systemUTC()));
            return Optional.empty();
        } catch (InputException problem) {
            return Optional.ofNullable(problem.getMessage());
        } catch (JacksonException e) {
            return Optional.of(TOKEN_FILES.getFirst() + ": not valid JSON");
        }
    }

    /// Reads a checkpoint's template.
    ///
    /// @param folder the checkpoint's folder
    /// @param clock the source of the date for the template
    /// @return the template
    /// @throws IOException if the folder cannot be read
    /// @throws InputException if there is no template, or it uses something unsupported
    public static CheckpointTemplate read(Path folder, Clock clock) throws IOException {
        Map<String, String> sources = sources(folder);
        if (!sources.containsKey(DEFAULT)) {
            throw new InputException(folder + ": the checkpoint has no chat template: neither a file " + FILE
                    + " nor a field " + FIELD + " in " + TOKEN_FILES.getFirst());
        }
        String where = Files.exists(folder.resolve(FILE)) ? FILE : TOKEN_FILES.getFirst() + ", " + FIELD;
        Map<String, ChatTemplate> templates = new LinkedHashMap<>();
        sources.forEach((name, source) -> templates.put(name, ChatTemplate.parse(source, where, clock)));
        return new CheckpointTemplate(sources, templates, tokens(folder));
    }

    /// Creates a template for a model that has none: the speakers' names stand before the messages, almost as
    /// in {@link dev.saiki.text.chat.PlainEncoder}, and an end token stands after each answer. The text
    /// between the line of the name and that token is the answer, verbatim. Functions are refused.
    ///
    /// @param begin the token that begins every text; empty if there is none
    /// @param end the token that ends an answer
    /// @param clock the source of the date for the template
    /// @return the template
    public static CheckpointTemplate plain(String begin, String end, Clock clock) {
        String source = PLAIN.replace("@begin@", begin).replace("@end@", end);
        return new CheckpointTemplate(
                Map.of(DEFAULT, source), Map.of(DEFAULT, ChatTemplate.parse(source, FILE, clock)), Map.of());
    }

    private static Map<String, String> sources(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (Files.exists(file)) {
            return Map.of(DEFAULT, text(file));
        }
        return sources(settings(folder.resolve(TOKEN_FILES.getFirst())).path(FIELD));
    }

    private static Map<String, String> sources(JsonNode field) {
        Map<String, String> sources = new LinkedHashMap<>();
        if (field.isString()) {
            sources.put(DEFAULT, field.stringValue());
        }
        for (JsonNode named : field.isArray() ? field.values() : List.<JsonNode>of()) {
            String name = named.path("name").stringValue("");
            if (name.equals(DEFAULT) || name.equals(WITH_TOOLS)) {
                sources.put(name, named.path("template").stringValue(""));
            }
        }
        return sources;
    }

    private static Map<String, JsonNode> tokens(Path folder) throws IOException {
        Map<String, JsonNode> tokens = new LinkedHashMap<>();
        for (String name : TOKEN_FILES) {
            settings(folder.resolve(name)).properties().forEach(setting -> {
                JsonNode value = setting.getValue();
                Optional<String> content = Stream.of(value, value.path("content"))
                        .filter(JsonNode::isString)
                        .map(JsonNode::stringValue)
                        .findFirst();
                if (setting.getKey().endsWith("_token") && content.isPresent()) {
                    tokens.putIfAbsent(setting.getKey(), JsonNodeFactory.instance.stringNode(content.get()));
                }
            });
        }
        return tokens;
    }

    private static JsonNode settings(Path file) throws IOException {
        if (!Files.exists(file)) {
            return JsonNodeFactory.instance.objectNode();
        }
        try {
            return JsonMapper.shared().readTree(text(file));
        } catch (JacksonException e) {
            throw new InputException(file + ": not valid JSON", e);
        }
    }

    private static String text(Path file) throws IOException {
        InputException.require(
                Files.size(file) <= MAX_BYTES, file.toString(), "the file", "at most " + MAX_BYTES + " bytes", "more");
        return Files.readString(file);
    }

    /// Returns the source text of the template.
    ///
    /// @return the source text
    public String source() {
        return sources.getOrDefault(DEFAULT, "");
    }

    /// Tells whether the template renders functions.
    ///
    /// @return whether the template uses `tools`
    public boolean showsTools() {
        return sources.containsKey(WITH_TOOLS) || source().contains(TOOLS);
    }

    /// Returns the end-of-text token.
    ///
    /// @return the token's text, if the checkpoint defines the token
    public Optional<String> endOfText() {
        return Optional.ofNullable(tokens.get("eos_token")).map(JsonNode::stringValue);
    }

    /// Finds the text that the template writes directly after an assistant message.
    ///
    /// @return the text; empty if the template writes nothing there, or refuses the test conversation
    public String afterAnswer() {
        JsonNodeFactory json = JsonNodeFactory.instance;
        ArrayNode messages = json.arrayNode();
        messages.addObject().put("role", "user").put(CONTENT, "a");
        messages.addObject().put("role", "assistant").put(CONTENT, PROBE);
        try {
            String text = render(messages, json.arrayNode(), json.objectNode(), false);
            int at = text.lastIndexOf(PROBE);
            return at < 0 ? "" : text.substring(at + PROBE.length());
        } catch (InputException refusal) {
            return "";
        }
    }

    /// Tells whether a variable is reserved because the conversation or the checkpoint sets it.
    ///
    /// @param name the variable's name
    /// @return whether the variable is part of the conversation, or a special token
    public boolean isReserved(String name) {
        return RESERVED.contains(name) || tokens.containsKey(name);
    }

    /// Formats a conversation up to the start of the model's answer.
    ///
    /// @param messages objects with `role`, `content` and so on
    /// @param tools functions in OpenAI's form, possibly none
    /// @param settings further variables; reserved variables are ignored
    /// @return the text
    /// @throws InputException see {@link ChatTemplate#render}
    public String render(JsonNode messages, JsonNode tools, JsonNode settings) {
        return render(messages, tools, settings, true);
    }

    /// Formats a conversation that ends with an assistant message.
    ///
    /// @param messages objects with `role`, `content` and so on
    /// @param tools functions in OpenAI's form, possibly none
    /// @param settings further variables; reserved variables are ignored
    /// @return the text
    /// @throws InputException see {@link ChatTemplate#render}
    public String renderEnded(JsonNode messages, JsonNode tools, JsonNode settings) {
        return render(messages, tools, settings, false);
    }

    private String render(JsonNode messages, JsonNode tools, JsonNode settings, boolean addGenerationPrompt) {
        JsonNodeFactory json = JsonNodeFactory.instance;
        Map<String, JsonNode> variables = new LinkedHashMap<>();
        // Without documents, the template sees Jinja's none, not an undefined variable.
        variables.put("documents", json.nullNode());
        settings.properties().forEach(setting -> variables.put(setting.getKey(), setting.getValue()));
        variables.putAll(tokens);
        variables.put(MESSAGES, messages);
        variables.put(GENERATION_PROMPT, json.booleanNode(addGenerationPrompt));
        variables.put(TOOLS, tools.isEmpty() ? json.nullNode() : tools);
        String name = !tools.isEmpty() && templates.containsKey(WITH_TOOLS) ? WITH_TOOLS : DEFAULT;
        return Optional.ofNullable(templates.get(name)).orElseThrow().render(variables);
    }
}
