package dev.saiki.langchain4j;

import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.PartialThinking;
import dev.langchain4j.model.chat.response.PartialThinkingContext;
import dev.langchain4j.model.chat.response.PartialToolCall;
import dev.langchain4j.model.chat.response.PartialToolCallContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.chat.response.StreamingHandle;
import dev.saiki.chat.ActiveAnswer;
import dev.saiki.chat.answer.AnswerPiece;
import dev.saiki.chat.answer.WrittenCall;
import dev.saiki.engine.Engine;
import dev.saiki.engine.FinishReason;
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
        try (ActiveAnswer answer = conversation.submit(request)) {
            Listener listener = new Listener(handler, answer);
            answer.forEach(listener::take);
            listener.end();
            if (answer.result().reason() != FinishReason.CANCELLED) {
                handler.onCompleteResponse(conversation.response(answer));
            }
        } catch (RuntimeException | Error e) {
            // Nobody else would learn of it: the thread is this answer's alone.
            handler.onError(e);
        }
    }

    /// The translation of an answer's pieces into calls of a handler.
    private static final class Listener {

        private final StreamingChatResponseHandler handler;
        private final ActiveAnswer answer;
        private final StreamHandle handle;
        private final StringBuilder arguments = new StringBuilder();
        private String tool = "";

        /// The call that is being written; -1 before the first.
        private int call = -1;

        Listener(StreamingChatResponseHandler handler, ActiveAnswer answer) {
            this.handler = handler;
            this.answer = answer;
            this.handle = new StreamHandle(answer);
        }

        void take(AnswerPiece piece) {
            if (handle.isCancelled()) {
                return;
            }
            switch (piece) {
                case AnswerPiece.Thought(String text) ->
                    handler.onPartialThinking(new PartialThinking(text), new PartialThinkingContext(handle));
                case AnswerPiece.Words(String text) ->
                    handler.onPartialResponse(new PartialResponse(text), new PartialResponseContext(handle));
                case AnswerPiece.CallBegun(String name) -> {
                    end();
                    call++;
                    tool = name;
                    arguments.setLength(0);
                }
                case AnswerPiece.Arguments(String json) -> {
                    arguments.append(json);
                    handler.onPartialToolCall(
                            PartialToolCall.builder()
                                    .index(call)
                                    .id(answer.callId(call))
                                    .name(tool)
                                    .partialArguments(json)
                                    .build(),
                            new PartialToolCallContext(handle));
                }
            }
        }

        /// Ends the call that is open, if one is.
        void end() {
            if (call >= 0 && !handle.isCancelled()) {
                handler.onCompleteToolCall(new CompleteToolCall(
                        call,
                        EngineConversation.request(answer.callId(call), new WrittenCall(tool, arguments.toString()))));
            }
        }
    }

    /// The handle by which a handler cancels its answer.
    private static final class StreamHandle implements StreamingHandle {

        private final ActiveAnswer answer;
        private volatile boolean cancelled;

        StreamHandle(ActiveAnswer answer) {
            this.answer = answer;
        }

        @Override
        public void cancel() {
            cancelled = true;
            answer.cancel();
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
