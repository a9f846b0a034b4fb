package dev.saiki.spring;

import dev.saiki.io.InputException;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeansException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/// An analyzer of applications that failed to start because of invalid settings or requests.
final class InputFailureAnalyzer extends AbstractFailureAnalyzer<InputException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, InputException cause) {
        return new FailureAnalysis(String.valueOf(cause.getMessage()), action(rootFailure), cause);
    }

    /// The advice about properties applies only if the engine could not be created, and not to a rejected request.
    private static @Nullable String action(Throwable failure) {
        for (Throwable link = failure; link != null; link = link.getCause()) {
            if (link instanceof BeansException) {
                return "The engine's settings are the properties below spring.ai.saiki; spring.ai.saiki.model is the"
                        + " model's folder.";
            }
        }
        return null;
    }
}
