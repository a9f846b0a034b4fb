package dev.saiki.cli.chat;

import java.util.Optional;

/// A source of the user's input, line by line.
interface LineSource extends AutoCloseable {

    /// Waits for the next line.
    ///
    /// @return the line; empty at the end of the input
    Optional<String> next();

    /// Runs an action on each interrupt instead of ending the process, if the terminal supports interrupts.
    ///
    /// @param action called on another thread
    void onInterrupt(Runnable action);

    @Override
    void close();
}
