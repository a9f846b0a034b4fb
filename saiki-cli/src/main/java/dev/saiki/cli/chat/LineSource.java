package dev.saiki.cli.chat;

import java.util.Optional;

/// A source of what a person says, a line at a time.
interface LineSource extends AutoCloseable {

    /// Waits for the next line.
    ///
    /// @return nothing at the end
    Optional<String> next();

    /// Runs an action whenever the person interrupts, instead of ending the process, where a terminal can tell.
    ///
    /// @param action what to do; called on another thread
    void onInterrupt(Runnable action);

    @Override
    void close();
}
