package dev.saiki.cli.terminal;

import java.util.concurrent.CountDownLatch;

/// A listener to Ctrl-C and SIGTERM: it asks the work to stop, and delays the end of the process until the
/// work is saved.
///
/// Without this listener, the native library's destructors run while a thread still computes, and the JVM crashes
/// with a segmentation fault. On a signal the JVM starts its shutdown hooks while all other threads keep running;
/// so the hook asks the work to stop, and waits for {@link #close}. After a signal, the exit code is the usual one
/// of that signal (130 or 143).
public final class ShutdownListener implements AutoCloseable {

    private final CountDownLatch workIsOver = new CountDownLatch(1);
    private final Thread hook;

    private ShutdownListener(Runnable requestStop) {
        hook = new Thread(
                () -> {
                    requestStop.run();
                    awaitEndOfWork();
                },
                "saiki-stop");
    }

    /// Starts listening.
    ///
    /// @param requestStop the action that asks the work to stop soon; called at most once, on another thread;
    ///     must return immediately
    /// @return the listener, to be closed when the work is done and all output is printed
    public static ShutdownListener listen(Runnable requestStop) {
        ShutdownListener signal = new ShutdownListener(requestStop);
        Runtime.getRuntime().addShutdownHook(signal.hook);
        return signal;
    }

    private void awaitEndOfWork() {
        try {
            workIsOver.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        workIsOver.countDown();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException shuttingDown) {
            // The signal has arrived already: the hook is running, and may now finish.
        }
    }
}
