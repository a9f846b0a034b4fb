package dev.saiki.engine.text;

import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.io.InputException;
import dev.saiki.text.chat.ChatEncoder;
import dev.saiki.text.chat.ChatTurn;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;

/// Requests to an engine to go on with a conversation, in the format that its model knows.
public final class ChatRequests {

    private final Engine engine;
    private final ChatEncoder encoder;

    private ChatRequests(Engine engine, ChatEncoder encoder) {
        this.engine = engine;
        this.encoder = encoder;
    }

    /// Chooses the format that fits the model: the chat template of its checkpoint, if it has one.
    ///
    /// @param engine that has a tokenizer
    /// @return requests to it
    /// @throws InputException if the template is not supported
    /// @throws UncheckedIOException if the checkpoint cannot be read
    public static ChatRequests to(Engine engine) {
        try {
            return new ChatRequests(
                    engine,
                    ChatEncoder.of(
                            engine.checkpoint().path(), engine.tokenizer(), Clock.system(ZoneId.systemDefault())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// Starts a request for the next turn, which ends where the format ends one.
    ///
    /// @param turns what was said, in order
    /// @param maxTokens most tokens to write; empty for the rest of the model's context
    /// @param stops texts that end the answer too, and are not part of it
    /// @return a builder of a request that takes the likeliest tokens
    /// @throws InputException if the format refuses the conversation, or it leaves no room for an answer
    public GenerationRequest.Builder begin(List<ChatTurn> turns, OptionalInt maxTokens, List<String> stops) {
        int[] prompt = encoder.encode(turns, "").ids();
        int context = engine.config().maxPositionEmbeddings();
        if (prompt.length >= context) {
            throw new InputException("the model's context is " + context + " tokens, and the conversation has "
                    + prompt.length + ", which leaves no room for an answer");
        }
        List<String> texts = new ArrayList<>(stops);
        encoder.stopText().ifPresent(texts::add);
        StopConditions ending = StopConditions.builder()
                .texts(texts)
                .tokens(encoder.endsOfTurn())
                .build();
        return GenerationRequest.builder(prompt, maxTokens.orElse(context - prompt.length))
                .ending(ending);
    }
}
