/// LangChain4j's chat and embedding models on the engine: no server, no HTTP.
///
/// {@link dev.saiki.langchain4j.SaikiChatModel} and {@link dev.saiki.langchain4j.SaikiStreamingChatModel} answer,
/// {@link dev.saiki.langchain4j.SaikiEmbeddingModel} makes vectors. Depth is asked for by
/// {@link dev.saiki.langchain4j.SaikiChatRequestParameters}, and told by
/// {@link dev.saiki.langchain4j.SaikiChatResponseMetadata}. An engine may have any number of models in front of it;
/// who opened it closes it.
package dev.saiki.langchain4j;
