package dev.saiki.testkit;

import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/// The JUnit condition of {@link Needs}.
public final class NeedsCondition implements ExecutionCondition {

    /// The constructor for JUnit.
    public NeedsCondition() {}

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        return AnnotationSupport.findAnnotation(context.getElement(), Needs.class)
                .map(needs -> evaluate(needs.value(), needs.value().find().isPresent(), Program.inCi()))
                .orElseGet(() -> ConditionEvaluationResult.enabled("needs nothing"));
    }

    static ConditionEvaluationResult evaluate(Program program, boolean there, boolean inCi) {
        if (there) {
            return ConditionEvaluationResult.enabled("the program is installed");
        }
        if (inCi && program.isPackaged()) {
            throw new AssertionError("no test may be skipped in CI, but " + program.absence());
        }
        return ConditionEvaluationResult.disabled(program.absence());
    }
}
