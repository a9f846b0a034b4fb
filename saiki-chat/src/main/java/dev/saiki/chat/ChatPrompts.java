package dev.saiki.chat;

import dev.saiki.chat.answer.AnswerSyntax;
import dev.saiki.chat.answer.CallForm;
import dev.saiki.chat.answer.CallForms;
import dev.saiki.chat.tool.ToolChoice;
import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.constraint.TextConstraint;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.io.InputException;
import dev.saiki.text.chat.ChatEncoder;
import dev.saiki.text.chat.ChatMlEncoder;
import dev.saiki.text.chat.ChatRole;
import dev.saiki.text.chat.ChatTurn;
import dev.saiki.text.chat.PlainEncoder;
import dev.saiki.text.chat.TemplateEncoder;
import dev.saiki.text.chat.ThinkingMarks;
import dev.saiki.text.template.CheckpointTemplate;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/// A writer of prompts for one model: it renders conversations and tools in the chat format chosen for the
/// model.
public final class ChatPrompts {

    /// Empty if conversations are refused.
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

    /// Creates the writer for a format.
    ///
    /// @param format the format of conversations
    /// @param engine the model
    /// @return the writer
    /// @throws InputException if the format is the checkpoint's template, and the checkpoint has none or an
    ///     unsupported one
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

    /// Tells whether conversations are accepted.
    ///
    /// @return false if conversations are refused
    public boolean takesConversations() {
        return encoder.isPresent();
    }

    /// Returns the source of the checkpoint's template.
    ///
    /// @return empty if another format is used
    public Optional<String> templateSource() {
        return encoder.flatMap(ChatPrompts::template).map(CheckpointTemplate::source);
    }

    /// Renders the prompt of a conversation.
    ///
    /// @param turns the turns of the conversation, at least one
    /// @param tools the tools offered to the model
    /// @param options the options of the prompt
    /// @return the prompt, and the syntax of its answer
    /// @throws InputException if there is no format, or the template rejects the conversation
    public ChatPrompt prompt(List<ChatTurn> turns, Optional<ToolChoice> tools, PromptOptions options) {
        boolean isBound =
                options.isBound() || tools.filter(ToolChoice::required).isPresent();
        AnswerSyntax syntax = new AnswerSyntax(
                tools, calls, knowsThinking && !isBound ? AnswerSyntax.Thinking.POSSIBLE : AnswerSyntax.Thinking.NONE);
        return switch (encoder.orElseThrow(
                () -> new InputException("the chat format is none, so conversations are not accepted"))) {
            case TemplateEncoder own -> new TemplatePrompt(own).prompt(turns, syntax, options);
            case PlainEncoder plain -> withTools(plain, turns, syntax);
            case ChatMlEncoder marked -> withTools(marked, turns, syntax);
        };
    }

    /// Describes the tools in a system turn before all other turns.
    private static ChatPrompt withTools(ChatEncoder encoder, List<ChatTurn> turns, AnswerSyntax syntax) {
        List<ChatTurn> all = new ArrayList<>();
        syntax.call().ifPresent(tools -> all.add(ChatTurn.of(ChatRole.SYSTEM, shown(tools))));
        all.addAll(turns);
        return new ChatPrompt(encoder.encode(all, syntax.opening()), syntax);
    }

    /// Sets the stop conditions, including the end of the model's turn, and constrains the answer. An answer that
    /// must be a call ends when the call is complete; of the stop conditions, only `ending` applies to it.
    ///
    /// @param request the request to change
    /// @param ending further stop conditions
    /// @param syntax the answer's syntax
    /// @param form the form required of the answer, if any
    /// @throws InputException if both tools and a form are given, or a tool's schema cannot be enforced
    public void bind(
            GenerationRequest.Builder request,
            StopConditions ending,
            AnswerSyntax syntax,
            Optional<TextConstraint> form) {
        if (form.isPresent() && syntax.call().isPresent()) {
            throw new InputException("tools and a required answer format cannot be combined; remove one");
        }
        request.ending(syntax.mustCall() ? ending : ended(ending));
        form.or(syntax::constraint).ifPresent(request::constraint);
    }

    private StopConditions ended(StopConditions ending) {
        List<String> texts = new ArrayList<>(ending.texts());
        Set<Integer> tokens = new HashSet<>(ending.tokens());
        encoder.flatMap(ChatEncoder::stopText).ifPresent(texts::add);
        encoder.ifPresent(used -> tokens.addAll(used.endsOfTurn()));
        return ending.toBuilder().texts(texts).tokens(tokens).build();
    }

    /// Lists tools, one per line, each with its name, schema and description.
    static String shown(ToolChoice tools) {
        return "Functions:\n"
                + tools.tools().stream()
                        .map(tool -> (tool.name() + " " + tool.parameters() + " " + tool.description()).strip())
                        .collect(Collectors.joining("\n"));
    }
}
