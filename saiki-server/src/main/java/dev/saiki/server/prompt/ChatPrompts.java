package dev.saiki.server.prompt;

import dev.saiki.engine.Engine;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.io.InputException;
import dev.saiki.server.answer.AnswerSyntax;
import dev.saiki.server.answer.CallForm;
import dev.saiki.server.answer.CallForms;
import dev.saiki.server.answer.FunctionCall;
import dev.saiki.server.http.ApiException;
import dev.saiki.server.http.Json;
import dev.saiki.server.settings.ChatFormat;
import dev.saiki.text.chat.ChatEncoder;
import dev.saiki.text.chat.ChatMlEncoder;
import dev.saiki.text.chat.ChatRole;
import dev.saiki.text.chat.ChatTurn;
import dev.saiki.text.chat.EncodedChat;
import dev.saiki.text.chat.PlainEncoder;
import dev.saiki.text.chat.TemplateEncoder;
import dev.saiki.text.chat.ThinkingMarks;
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
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// The prompts of conversations: what a model continues, in the format that was chosen for it.
public final class ChatPrompts {

    /// Empty where conversations are refused.
    private final Optional<ChatEncoder> encoder;

    private final CallForm calls;
    private final boolean knowsThinking;

    private ChatPrompts(Optional<ChatEncoder> encoder, Tokenizer tokenizer) {
        this.encoder = encoder;
        this.calls = CallForms.of(encoder.flatMap(ChatPrompts::template));
        this.knowsThinking = ThinkingMarks.areKnown(
                tokenizer,
                encoder.flatMap(ChatPrompts::template)
                        .map(CheckpointTemplate::source)
                        .orElse(""));
    }

    private static Optional<CheckpointTemplate> template(ChatEncoder used) {
        return used instanceof TemplateEncoder own ? Optional.of(own.template()) : Optional.empty();
    }

    /// Reads what the format needs.
    ///
    /// @param format that was chosen
    /// @param engine the model
    /// @throws InputException if the format is the checkpoint's own, and it has none or one that is not supported
    public static ChatPrompts of(ChatFormat format, Engine engine) {
        return new ChatPrompts(
                switch (format) {
                    case PLAIN -> Optional.of(new PlainEncoder(engine.tokenizer()));
                    case CHATML -> Optional.of(new ChatMlEncoder(engine.tokenizer()));
                    case TEMPLATE -> Optional.of(new TemplateEncoder(read(engine), engine.tokenizer()));
                    case NONE -> Optional.empty();
                },
                engine.tokenizer());
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
        return encoder.flatMap(ChatPrompts::template).map(CheckpointTemplate::source);
    }

    /// Renders turns as what the model continues.
    ///
    /// @param conversation the turns
    /// @param call the functions that are shown to the model, and of which it calls one
    /// @param options what else the request says of the prompt
    /// @throws ApiException if the format is none, or is a template that refuses the conversation
    public ChatPrompt prompt(Conversation conversation, Optional<FunctionCall> call, PromptOptions options) {
        boolean isBound =
                options.isBound() || call.filter(FunctionCall::required).isPresent();
        AnswerSyntax syntax = new AnswerSyntax(
                call, calls, knowsThinking && !isBound ? AnswerSyntax.Thinking.POSSIBLE : AnswerSyntax.Thinking.NONE);
        return switch (encoder.orElseThrow(ChatPrompts::noFormat)) {
            case TemplateEncoder own -> new TemplatePrompt(own).prompt(conversation, syntax, options);
            case PlainEncoder plain -> named(plain, conversation, syntax, options);
            case ChatMlEncoder marked -> named(marked, conversation, syntax, options);
        };
    }

    private static ApiException noFormat() {
        return ApiException.unsupported(
                "this server was started to hold no conversations; use /v1/completions, or start it with another"
                        + " --chat-format",
                "messages");
    }

    /// Functions come before all turns, as words of the system.
    private static ChatPrompt named(
            ChatEncoder encoder, Conversation conversation, AnswerSyntax syntax, PromptOptions options) {
        options.requireNone();
        List<ChatTurn> turns = new ArrayList<>();
        syntax.call().ifPresent(made -> turns.add(new ChatTurn(ChatRole.SYSTEM, shown(made))));
        conversation
                .turns()
                .forEach(turn ->
                        turns.add(new ChatTurn(ChatRole.valueOf(turn.role().name()), turn.text())));
        try {
            EncodedChat chat = encoder.encode(turns, syntax.opening());
            return new ChatPrompt(new EncodedPrompt(chat.ids(), chat.text()), syntax);
        } catch (InputException refusal) {
            throw ApiException.unsupported(String.valueOf(refusal.getMessage()), "messages");
        }
    }

    /// Adds what ends a turn to what ends an answer.
    public StopConditions ended(StopConditions ending) {
        List<String> texts = new ArrayList<>(ending.texts());
        Set<Integer> tokens = new HashSet<>(ending.tokens());
        encoder.flatMap(ChatEncoder::stopText).ifPresent(texts::add);
        encoder.ifPresent(used -> tokens.addAll(used.endsOfTurn()));
        return ending.toBuilder().texts(texts).tokens(tokens).build();
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
}
