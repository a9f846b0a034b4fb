package dev.saiki.spring;

import dev.saiki.engine.Engine;
import dev.saiki.io.InputException;
import io.micrometer.observation.ObservationRegistry;
import java.nio.file.Path;
import org.springframework.ai.chat.observation.ChatModelObservationConvention;
import org.springframework.ai.embedding.observation.EmbeddingModelObservationConvention;
import org.springframework.ai.model.SpringAIModelProperties;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Lazy;

/// The auto-configuration of an engine with a chat and an embedding model, from {@link SaikiProperties}.
///
/// With models of other providers beside it, `spring.ai.model.chat` and `spring.ai.model.embedding` choose, as they do
/// between Spring AI's own; this one's name is `saiki`.
@AutoConfiguration(beforeName = "org.springframework.ai.model.chat.client.autoconfigure.ChatClientAutoConfiguration")
@EnableConfigurationProperties(SaikiProperties.class)
public final class SaikiAutoConfiguration {

    /// Opens the engine as soon as a model wants it; it is closed with the application.
    ///
    /// @param properties with the model's folder
    /// @return the engine
    /// @throws InputException if no folder is named, or it holds no model
    @Bean(destroyMethod = "close")
    @Lazy
    @ConditionalOnMissingBean
    Engine saikiEngine(SaikiProperties properties) {
        Path model = properties.model();
        if (model == null) {
            throw new InputException("spring.ai.saiki.model must be the folder of a model, got nothing");
        }
        return Engine.open(model, properties.engine().options());
    }

    /// Puts the chat model in front of the engine.
    ///
    /// @param engine the application's
    /// @param properties with defaults of requests
    /// @param observations that hear of requests, if there are any
    /// @param convention of the names in observations, if there is one
    /// @return the model
    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnProperty(
            name = SpringAIModelProperties.CHAT_MODEL,
            havingValue = EngineChatModel.PROVIDER,
            matchIfMissing = true)
    EngineChatModel saikiChatModel(
            Engine engine,
            SaikiProperties properties,
            ObjectProvider<ObservationRegistry> observations,
            ObjectProvider<ChatModelObservationConvention> convention) {
        return new EngineChatModel(
                engine,
                properties.chat().options(),
                observations.getIfUnique(() -> ObservationRegistry.NOOP),
                convention.getIfAvailable());
    }

    /// Puts the embedding model in front of the engine.
    ///
    /// @param engine the application's
    /// @param properties with what is asked of depth
    /// @param observations that hear of requests, if there are any
    /// @param convention of the names in observations, if there is one
    /// @return the model
    @Bean
    @ConditionalOnMissingBean
    @ConditionalOnProperty(
            name = SpringAIModelProperties.EMBEDDING_MODEL,
            havingValue = EngineChatModel.PROVIDER,
            matchIfMissing = true)
    EngineEmbeddingModel saikiEmbeddingModel(
            Engine engine,
            SaikiProperties properties,
            ObjectProvider<ObservationRegistry> observations,
            ObjectProvider<EmbeddingModelObservationConvention> convention) {
        return new EngineEmbeddingModel(
                engine,
                properties.embedding().depth().route(),
                observations.getIfUnique(() -> ObservationRegistry.NOOP),
                convention.getIfAvailable());
    }
}
