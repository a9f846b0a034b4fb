package dev.saiki.langchain4j;

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
import dev.saiki.chat.tool.CallJson;
import dev.saiki.engine.Engine;
import dev.saiki.engine.FinishReason;
import java.util.List;

/// A LangChain4j streaming chat model, based on an engine in the same JVM. Thread-safe.
///
/// Each answer is read by a separate virtual thread, which calls the handler. A handler that has cancelled its
/// answer receives no further pieces and no response.
public final class SaikiStreamingChatModel extends ConversationalModel implements StreamingChatModel {

    /// Creates a streaming chat model on an engine.
    ///
    /// @param engine an engine that has a tokenizer; the caller closes the engine
    /// @param defaults defaults of requests; {@link SaikiChatRequestParameters} adds depth settings
    /// @param listeners the listeners that are notified of requests and responses
    /// @throws dev.saiki.io.InputException if the checkpoint's chat template is not supported
    public SaikiStreamingChatModel(Engine engine, ChatRequestParameters defaults, List<ChatModelListener> listeners) {
        super(engine, defaults, listeners);
    }

    /// Creates a streaming chat model on an engine.
    ///
    /// @param engine an engine that has a tokenizer; the caller closes the engine
    /// @param defaults the defaults of requests
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
            if (!listener.handle.isCancelled() && answer.result().reason() != FinishReason.CANCELLED) {
                handler.onCompleteResponse(conversation.response(answer));
            }
        } catch (RuntimeException | Error e) {
            // Without this call the error would be lost, because the thread serves this answer only.
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

        /// The index of the current tool call; -1 before the first.
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

        /// Ends the current tool call, if there is one.
        void end() {
            WrittenCall written = new WrittenCall(tool, arguments.toString());
            if (call >= 0
                    && !handle.isCancelled()
                    && CallJson.read(written.arguments()).isPresent()) {
                handler.onCompleteToolCall(
                        new CompleteToolCall(call, EngineConversation.request(answer.callId(call), written)));
            }
        }
    }

    /// The handle with which a handler cancels its answer.
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
}
