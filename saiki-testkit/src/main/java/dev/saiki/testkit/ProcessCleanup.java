package dev.saiki.testkit;

import java.util.Set;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/// An extension that kills the processes of a test after the test, and those of a class after the class.
///
/// The build enables the extension for all modules, so tests need not name it.
public final class ProcessCleanup
        implements BeforeAllCallback, BeforeEachCallback, AfterEachCallback, AfterAllCallback {

    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(ProcessCleanup.class);

    /// The constructor for JUnit.
    public ProcessCleanup() {}

    /// The processes that were open before a test or a class.
    ///
    /// @param spared the processes to keep
    private record Before(Set<TestProcess> spared) {}

    @Override
    public void beforeAll(ExtensionContext context) {
        remember(context);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        remember(context);
    }

    @Override
    public void afterEach(ExtensionContext context) {
        endNew(context);
    }

    @Override
    public void afterAll(ExtensionContext context) {
        endNew(context);
    }

    private static void remember(ExtensionContext context) {
        context.getStore(NAMESPACE).put(context.getUniqueId(), new Before(TestProcess.open()));
    }

    private static void endNew(ExtensionContext context) {
        Before before = context.getStore(NAMESPACE).remove(context.getUniqueId(), Before.class);
        if (before != null) {
            TestProcess.endAllBut(before.spared());
        }
    }
}
