package dev.saiki.testkit;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A JVM that starts a long-running process, prints its process id, and then ends in one of several ways
/// without closing the process.
final class LeavingParent {

    private LeavingParent() {}

    /// Starts the process, and ends this JVM.
    ///
    /// @param arguments how the JVM ends: `returns`, `fails`, or `waits` until it is killed
    public static void main(String[] arguments) throws IOException, InterruptedException {
        TestProcess child = TestProcess.start(List.of("sleep", "300"));
        System.out.println(child.process().pid());
        switch (arguments[0]) {
            case "fails" -> throw new IllegalStateException("as told");
            case "waits" -> TimeUnit.MINUTES.sleep(5);
            default -> {}
        }
    }
}
