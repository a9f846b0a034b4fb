package dev.saiki.cli.chat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.completer.StringsCompleter;
import org.jline.terminal.Terminal;
import org.jline.terminal.TerminalBuilder;

/// The lines typed at a terminal, with editing and with a history that lasts until the conversation ends. The
/// history is never stored, since it may be private.
final class TerminalLines implements LineSource {

    private static final String PROMPT = "> ";

    private final Terminal terminal;
    private final LineReader reader;

    private TerminalLines(Terminal terminal, List<String> commands) {
        this.terminal = terminal;
        this.reader = LineReaderBuilder.builder()
                .terminal(terminal)
                .completer(new StringsCompleter(commands))
                .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true)
                .build();
    }

    /// Opens the terminal of the process.
    ///
    /// @param commands words for completion
    static TerminalLines open(List<String> commands) {
        try {
            return new TerminalLines(TerminalBuilder.builder().system(true).build(), commands);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Optional<String> next() {
        try {
            return Optional.of(reader.readLine(PROMPT));
        } catch (UserInterruptException | EndOfFileException end) {
            return Optional.empty();
        }
    }

    @Override
    public void onInterrupt(Runnable action) {
        Terminal.SignalHandler _ = terminal.handle(Terminal.Signal.INT, _ -> action.run());
    }

    @Override
    public void close() {
        try {
            terminal.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
