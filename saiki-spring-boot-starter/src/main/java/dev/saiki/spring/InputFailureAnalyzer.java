package dev.saiki.spring;

import dev.saiki.io.InputException;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeansException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/// An analyzer of application starts that failed because of invalid settings or requests.
final class InputFailureAnalyzer extends AbstractFailureAnalyzer<InputException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, InputException cause) {
        return new FailureAnalysis(String.valueOf(cause.getMessage()), action(rootFailure), cause);
    }

    /// The properties are to blame only if the engine could not be made, and not for a request that was refused.
    private static @Nullable String action(Throwable failure) {
        for (Throwable link = failure; link != null; link = link.getCause()) {
            if (link instanceof BeansException) {
                return "Settings of the engine are the properties below spring.ai.saiki; spring.ai.saiki.model is the"
                        + " model's folder.";
            }
        }
        return null;
    }
}
