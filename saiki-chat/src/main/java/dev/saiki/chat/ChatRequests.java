package dev.saiki.chat;

import dev.saiki.chat.answer.AnswerSyntax;
import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.io.UncheckedIOException;

/// A factory of requests that continue conversations, in the model's chat format.
public final class ChatRequests {

    private final Engine engine;
    private final ChatPrompts prompts;

    private ChatRequests(Engine engine, ChatPrompts prompts) {
        this.engine = engine;
        this.prompts = prompts;
    }

    /// A request without sampling and depth settings, with the syntax of its answer.
    ///
    /// @param request a builder of the request, which decodes greedily by default
    /// @param syntax the syntax for parsing the answer into thoughts, text and calls
    public record Begun(GenerationRequest.Builder request, AnswerSyntax syntax) {}

    /// Chooses the model's chat format: the template of its checkpoint, if it has one.
    ///
    /// @param engine the engine, whose model must have a tokenizer
    /// @return the factory
    /// @throws InputException if the template is not supported
    /// @throws UncheckedIOException if the checkpoint cannot be read
    public static ChatRequests to(Engine engine) {
        try {
            return new ChatRequests(
                    engine, ChatPrompts.of(ChatFormat.of(engine.checkpoint().path(), engine.tokenizer()), engine));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Submits a request for the next turn. The answer ends where the turn ends in the model's format.
    ///
    /// @param asked the request
    /// @param settings the sampling settings
    /// @return the answer, which the caller closes
    /// @throws InputException if the format rejects the conversation, the conversation fills the context, or a
    ///     setting is invalid
    /// @throws dev.saiki.engine.QueueFullException if the queue is full
    public ActiveAnswer submit(AnswerRequest asked, AnswerSettings settings) {
        Begun begun = begin(asked);
        return new ActiveAnswer(engine.submit(settings.applyTo(begun.request()).build()), begun.syntax());
    }

    /// Creates a request for the next turn. The answer ends where the turn ends in the model's format.
    ///
    /// @param asked the request
    /// @return the request and the syntax of its answer
    /// @throws InputException if the format rejects the conversation, or the conversation fills the context
    public Begun begin(AnswerRequest asked) {
        ChatPrompt chat = prompts.prompt(
                asked.turns(), asked.tools(), PromptOptions.of(asked.form().isPresent()));
        int[] prompt = chat.prompt().ids();
        int context = engine.config().maxPositionEmbeddings();
        if (prompt.length >= context) {
            throw new InputException("the model's context is " + context + " tokens, and the conversation has "
                    + prompt.length + ", which leaves no room for an answer");
        }
        GenerationRequest.Builder request =
                GenerationRequest.builder(prompt, asked.maxTokens().orElse(context - prompt.length));
        StopConditions ending = StopConditions.builder().texts(asked.stops()).build();
        prompts.bind(request, ending, chat.syntax(), asked.form());
        return new Begun(request, chat.syntax());
    }
}
