/// LangChain4j's chat and embedding models, based on an engine, without a server or HTTP.
///
/// {@link dev.saiki.langchain4j.SaikiChatModel} and {@link dev.saiki.langchain4j.SaikiStreamingChatModel} answer
/// chats, {@link dev.saiki.langchain4j.SaikiEmbeddingModel} computes embeddings.
/// {@link dev.saiki.langchain4j.SaikiChatRequestParameters} sets the depth, and
/// {@link dev.saiki.langchain4j.SaikiChatResponseMetadata} reports it. Several models can share an engine; the
/// application that opened the engine closes it.
package dev.saiki.langchain4j;
