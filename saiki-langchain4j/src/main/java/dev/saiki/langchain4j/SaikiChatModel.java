package dev.saiki.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.saiki.chat.ActiveAnswer;
import dev.saiki.engine.Engine;
import java.util.List;

/// A LangChain4j chat model, based on an engine in the same JVM. Thread-safe.
///
/// Conversations use the checkpoint's chat template, if it has one. Answers may call tools. A JSON response format
/// is enforced, with or without a schema. Contents other than text are rejected.
public final class SaikiChatModel extends ConversationalModel implements ChatModel {

    /// Creates a chat model on an engine.
    ///
    /// @param engine an engine that has a tokenizer; the caller closes the engine
    /// @param defaults defaults of requests; {@link SaikiChatRequestParameters} adds depth settings
    /// @param listeners the listeners that are notified of requests and responses
    /// @throws dev.saiki.io.InputException if the checkpoint's chat template is not supported
    public SaikiChatModel(Engine engine, ChatRequestParameters defaults, List<ChatModelListener> listeners) {
        super(engine, defaults, listeners);
    }

    /// Creates a chat model on an engine.
    ///
    /// @param engine an engine that has a tokenizer; the caller closes the engine
    /// @param defaults the defaults of requests
    /// @return the model
    public static SaikiChatModel of(Engine engine, ChatRequestParameters defaults) {
        return new SaikiChatModel(engine, defaults, List.of());
    }

    @Override
    public ChatResponse doChat(ChatRequest request) {
        try (ActiveAnswer answer = conversation.submit(request)) {
            answer.forEach(_ -> {});
            return conversation.response(answer);
        }
    }
}
