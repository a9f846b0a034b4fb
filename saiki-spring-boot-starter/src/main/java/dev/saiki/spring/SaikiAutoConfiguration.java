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

/// The auto-configuration of an engine with a chat model and an embedding model, from {@link SaikiProperties}.
///
/// If the application has models of other providers too, `spring.ai.model.chat` and `spring.ai.model.embedding`
/// select the provider, as for Spring AI's own models. The name of this provider is `saiki`.
@AutoConfiguration(beforeName = "org.springframework.ai.model.chat.client.autoconfigure.ChatClientAutoConfiguration")
@EnableConfigurationProperties(SaikiProperties.class)
public final class SaikiAutoConfiguration {

    /// Opens the engine when a model first needs it. The engine is closed together with the application.
    ///
    /// @param properties the properties with the model's folder
    /// @return the engine
    /// @throws InputException if no folder is set, or it contains no model
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

    /// Creates the chat model on the engine.
    ///
    /// @param engine the application's engine
    /// @param properties the properties with defaults of requests
    /// @param observations registry of request observations, if there is one
    /// @param convention names of the observations, if the application defines one
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

    /// Creates the embedding model on the engine.
    ///
    /// @param engine the application's engine
    /// @param properties the properties with the depth settings
    /// @param observations registry of request observations, if there is one
    /// @param convention names of the observations, if the application defines one
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
