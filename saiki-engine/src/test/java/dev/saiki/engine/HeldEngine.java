package dev.saiki.engine;

import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.testkit.HeldThread;
import java.util.function.Supplier;

/// A way to submit several requests before the engine starts any of them: the engine's thread is blocked
/// meanwhile.
final class HeldEngine {

    private HeldEngine() {}

    /// Submits requests while the engine's thread is blocked at the end of a short text.
    ///
    /// @return what `requests` returned
    static <T> T atOnce(Engine engine, Supplier<T> requests) {
        return HeldThread.during(() -> engine.embed(new int[] {1}, RouteSettings.within(1, 1)), requests);
    }
}
