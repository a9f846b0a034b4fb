package dev.saiki.server.prompt;

import dev.saiki.engine.Engine;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.server.http.ApiException;
import dev.saiki.server.http.Json;
import dev.saiki.server.prompt.Conversation.Role;
import dev.saiki.server.prompt.Conversation.Turn;
import dev.saiki.server.settings.ChatFormat;
import dev.saiki.text.template.CheckpointTemplate;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The prompts of conversations: what a model continues, in the format that was chosen for it.
public final class ChatPrompts {

    private static final String ASSISTANT = "Assistant:";
    private static final String NEXT_USER = "\nUser:";

    private final ChatFormat format;
    private final Tokenizer tokenizer;
    private final Optional<TemplatePrompt> template;

    private ChatPrompts(ChatFormat format, Tokenizer tokenizer, Optional<TemplatePrompt> template) {
        this.format = format;
        this.tokenizer = tokenizer;
        this.template = template;
    }

    /// Reads what the format needs.
    ///
    /// @param format that was chosen
    /// @param engine the model
    /// @throws dev.saiki.io.InputException if the format is the checkpoint's own, and it has none or one that
    ///     is not supported
    public static ChatPrompts of(ChatFormat format, Engine engine) {
        Optional<TemplatePrompt> template = format == ChatFormat.TEMPLATE
                ? Optional.of(new TemplatePrompt(read(engine), engine.tokenizer()))
                : Optional.empty();
        return new ChatPrompts(format, engine.tokenizer(), template);
    }

    private static CheckpointTemplate read(Engine engine) {
        try {
            return CheckpointTemplate.read(engine.checkpoint().path(), Clock.system(ZoneId.systemDefault()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The checkpoint's template as it is written, if it is used.
    public Optional<String> templateSource() {
        return template.map(TemplatePrompt::source);
    }

    /// Renders turns as what the model continues.
    ///
    /// @param conversation the turns
    /// @param call the functions that are shown to the model, and of which it calls one
    /// @throws ApiException if the format is none, or is a template that refuses the conversation
    public EncodedPrompt prompt(Conversation conversation, Optional<FunctionCall> call) {
        return switch (format) {
            case PLAIN -> plain(conversation, call);
            case CHATML -> chatMl(conversation, call);
            case TEMPLATE -> template.orElseThrow().prompt(conversation, call);
            case NONE ->
                throw ApiException.unsupported(
                        "this server was started to hold no conversations; use /v1/completions, or start it with"
                                + " another --chat-format",
                        "messages");
        };
    }

    /// Adds what ends a turn to what ends an answer.
    public StopConditions ended(StopConditions ending) {
        return switch (format) {
            case PLAIN -> {
                List<String> stops = new ArrayList<>(ending.texts());
                stops.add(NEXT_USER);
                yield ending.toBuilder().texts(stops).build();
            }
            case CHATML -> with(ending, tokenizer.specialId(ChatFormat.TURN_ENDS));
            case TEMPLATE -> with(ending, template.orElseThrow().endOfTurn());
            case NONE -> ending;
        };
    }

    private static StopConditions with(StopConditions ending, Optional<Integer> endOfTurn) {
        Set<Integer> tokens = new HashSet<>(ending.tokens());
        endOfTurn.ifPresent(tokens::add);
        return ending.toBuilder().tokens(tokens).build();
    }

    /// The functions, one a line: its name, its schema, and what it does.
    public static String shown(FunctionCall call) {
        return "Functions:\n"
                + call.functions().stream()
                        .map(function -> (function.name() + " "
                                        + new String(Json.bytes(function.parameters()), StandardCharsets.UTF_8) + " "
                                        + function.description())
                                .strip())
                        .collect(Collectors.joining("\n"));
    }

    /// The name of the function that is called, if it is the only one: the model writes its arguments only.
    public static String begun(Optional<FunctionCall> call) {
        return call.filter(FunctionCall::isNamed)
                .map(made -> made.functions().getFirst().name())
                .orElse("");
    }

    private EncodedPrompt plain(Conversation conversation, Optional<FunctionCall> call) {
        StringBuilder text = new StringBuilder();
        call.ifPresent(made -> text.append(shown(made)).append("\n\n"));
        for (Turn turn : conversation.turns()) {
            String said = turn.text().strip();
            switch (turn.role()) {
                case SYSTEM -> text.append(said).append("\n\n");
                case USER -> text.append("User: ").append(said).append('\n');
                case ASSISTANT ->
                    text.append(ASSISTANT).append(' ').append(said).append('\n');
                case TOOL -> text.append("Result: ").append(said).append('\n');
            }
        }
        String begun = begun(call);
        text.append(ASSISTANT).append(begun.isEmpty() ? "" : " " + begun);
        return new EncodedPrompt(tokenizer.encode(text.toString()), text.toString());
    }

    private EncodedPrompt chatMl(Conversation conversation, Optional<FunctionCall> call) {
        int begins = tokenizer.specialId(ChatFormat.TURN_BEGINS).orElseThrow(ChatPrompts::noMarkers);
        int ends = tokenizer.specialId(ChatFormat.TURN_ENDS).orElseThrow(ChatPrompts::noMarkers);
        List<Turn> all = new ArrayList<>();
        call.ifPresent(made -> all.add(Turn.of(Role.SYSTEM, shown(made))));
        all.addAll(conversation.turns());
        List<int[]> pieces = new ArrayList<>();
        for (Turn turn : all) {
            String name = turn.role().name().toLowerCase(Locale.ROOT);
            pieces.add(new int[] {begins});
            pieces.add(tokenizer.encode(name + "\n" + turn.text()));
            pieces.add(new int[] {ends});
            pieces.add(tokenizer.encode("\n"));
        }
        pieces.add(new int[] {begins});
        pieces.add(tokenizer.encode("assistant\n" + begun(call)));
        int[] ids = pieces.stream().flatMapToInt(IntStream::of).toArray();
        return new EncodedPrompt(ids, tokenizer.decode(ids));
    }

    private static ApiException noMarkers() {
        return ApiException.unsupported("the model's tokenizer has no tokens for turns", "messages");
    }
}
