package dev.saiki.langchain4j;

import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import dev.saiki.engine.Engine;
import dev.saiki.engine.FinishReason;
import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.Token;
import dev.saiki.engine.TokenStream;
import java.util.List;
import java.util.Set;

/// A streaming chat model of LangChain4j on an engine in the same JVM. Safe for any number of threads.
///
/// Each answer is read by a virtual thread of its own, which calls the handler. An answer that its handle cancels
/// ends without another call.
public final class SaikiStreamingChatModel implements StreamingChatModel {

    private final EngineConversation conversation;
    private final List<ChatModelListener> listeners;

    /// Puts a model in front of an engine.
    ///
    /// @param engine that has a tokenizer, and is closed by who opened it
    /// @param defaults of requests; {@link SaikiChatRequestParameters} has depth too
    /// @param listeners that are told of requests and responses
    /// @throws dev.saiki.io.InputException if the checkpoint's chat template is not supported
    public SaikiStreamingChatModel(Engine engine, ChatRequestParameters defaults, List<ChatModelListener> listeners) {
        this.conversation = new EngineConversation(engine, defaults);
        this.listeners = List.copyOf(listeners);
    }

    /// Puts a model in front of an engine.
    ///
    /// @param engine that has a tokenizer, and is closed by who opened it
    /// @param defaults of requests
    /// @return the model
    public static SaikiStreamingChatModel of(Engine engine, ChatRequestParameters defaults) {
        return new SaikiStreamingChatModel(engine, defaults, List.of());
    }

    @Override
    public void doChat(ChatRequest request, StreamingChatResponseHandler handler) {
        Thread _ = Thread.ofVirtual().name("saiki-answer").start(() -> answer(request, handler));
    }

    private void answer(ChatRequest request, StreamingChatResponseHandler handler) {
        try (TokenStream stream = conversation.submit(request)) {
            StringBuilder text = new StringBuilder();
            StreamHandle handle = new StreamHandle(stream);
            PartialResponseContext context = new PartialResponseContext(handle);
            for (Token token : stream) {
                tell(handler, context, text, token.text());
            }
            GenerationResult result = stream.finish();
            if (result.reason() != FinishReason.CANCELLED) {
                tell(handler, context, text, result.text());
                handler.onCompleteResponse(conversation.response(text.toString(), result));
            }
        } catch (RuntimeException | Error e) {
            // Nobody else hears of it: the thread is this answer's alone.
            handler.onError(e);
        }
    }

    private static void tell(
            StreamingChatResponseHandler handler, PartialResponseContext context, StringBuilder all, String piece) {
        if (!piece.isEmpty() && !context.streamingHandle().isCancelled()) {
            all.append(piece);
            handler.onPartialResponse(new PartialResponse(piece), context);
        }
    }

    /// The handle by which a handler cancels its answer.
    private static final class StreamHandle implements StreamingHandle {

        private final TokenStream stream;
        private volatile boolean cancelled;

        StreamHandle(TokenStream stream) {
            this.stream = stream;
        }

        @Override
        public void cancel() {
            cancelled = true;
            stream.cancel();
        }

        @Override
        public boolean isCancelled() {
            return cancelled;
        }
    }

    @Override
    public ChatRequestParameters defaultRequestParameters() {
        return conversation.defaults();
    }

    @Override
    public List<ChatModelListener> listeners() {
        return listeners;
    }

    @Override
    public Set<Capability> supportedCapabilities() {
        return Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA);
    }
}
