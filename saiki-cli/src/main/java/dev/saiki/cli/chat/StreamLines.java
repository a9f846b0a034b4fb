package dev.saiki.cli.chat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/// The lines of a file, a pipe, or a terminal without line editing.
final class StreamLines implements LineSource {

    private final BufferedReader reader;

    StreamLines(InputStream in) {
        this.reader = new BufferedReader(new InputStreamReader(in, StandardCharsets.UTF_8));
    }

    @Override
    public Optional<String> next() {
        try {
            return Optional.ofNullable(reader.readLine());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void onInterrupt(Runnable action) {
        // An interrupt ends the process.
    }

    @Override
    public void close() {
        // The process owns the stream, so it is not closed.
    }
}
