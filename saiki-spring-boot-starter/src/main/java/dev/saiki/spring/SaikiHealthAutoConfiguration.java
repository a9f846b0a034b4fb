package dev.saiki.spring;

import dev.saiki.engine.Engine;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.health.autoconfigure.contributor.ConditionalOnEnabledHealthIndicator;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.annotation.Bean;

/// The auto-configuration of the engine's health indicator.
@AutoConfiguration(after = SaikiAutoConfiguration.class)
@ConditionalOnClass(HealthIndicator.class)
@ConditionalOnBean(EngineChatModel.class)
public final class SaikiHealthAutoConfiguration {

    /// Creates the health indicator. Its status is up while the engine accepts requests, and it reports the number
    /// of waiting requests.
    ///
    /// @param engine the application's engine
    /// @return the indicator
    @Bean
    @ConditionalOnMissingBean(name = "saikiHealthIndicator")
    @ConditionalOnEnabledHealthIndicator("saiki")
    HealthIndicator saikiHealthIndicator(Engine engine) {
        return () -> (engine.isRunning() ? Health.up() : Health.down())
                .withDetail("waiting", engine.waiting())
                .build();
    }
}
