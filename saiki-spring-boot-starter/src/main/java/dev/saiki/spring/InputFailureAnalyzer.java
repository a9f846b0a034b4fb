package dev.saiki.spring;

import dev.saiki.io.InputException;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/// An analyzer of application starts that failed because of invalid settings.
final class InputFailureAnalyzer extends AbstractFailureAnalyzer<InputException> {

    @Override
    protected FailureAnalysis analyze(Throwable rootFailure, InputException cause) {
        return new FailureAnalysis(
                String.valueOf(cause.getMessage()), "Correct that property below spring.ai.saiki.", cause);
    }
}
