package dev.saiki.engine;

import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.testkit.HeldThread;
import java.util.function.Supplier;

/// Gives an engine several requests at once, however fast it is: its thread is held until all are handed over.
final class HeldEngine {

    private HeldEngine() {}

    /// Runs `requests` while the engine's thread stands still at the end of a text of its own.
    ///
    /// @return what `requests` returned
    static <T> T atOnce(Engine engine, Supplier<T> requests) {
        return HeldThread.during(() -> engine.embed(new int[] {1}, RouteSettings.within(1, 1)), requests);
    }
}
