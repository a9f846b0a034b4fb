package dev.saiki.langchain4j;

import dev.langchain4j.model.chat.Capability;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.saiki.engine.Engine;
import java.util.List;
import java.util.Set;

/// The base of the chat model and the streaming chat model.
abstract class ConversationalModel {

    final EngineConversation conversation;
    private final List<ChatModelListener> listeners;

    ConversationalModel(Engine engine, ChatRequestParameters defaults, List<ChatModelListener> listeners) {
        this.conversation = new EngineConversation(engine, defaults);
        this.listeners = List.copyOf(listeners);
    }

    public ChatRequestParameters defaultRequestParameters() {
        return conversation.defaults();
    }

    public List<ChatModelListener> listeners() {
        return listeners;
    }

    public Set<Capability> supportedCapabilities() {
        return Set.of(Capability.RESPONSE_FORMAT_JSON_SCHEMA);
    }
}
