package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.cli.terminal.Console;
import dev.saiki.io.InputException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class ErrorReporterTest {

    private final ByteArrayOutputStream written = new ByteArrayOutputStream();
    private final PrintStream err = new PrintStream(written, true, StandardCharsets.UTF_8);

    private int report(Throwable failure, boolean stacktrace) {
        return new ErrorReporter(Console.of(err, err), () -> stacktrace, false).report(failure);
    }

    private String message() {
        return written.toString(StandardCharsets.UTF_8);
    }

    @Test
    void wrongInputIsItsMessageAndCode2() {
        assertThat(report(new InputException("a must be b,\n  got c"), false)).isEqualTo(2);
        assertThat(message()).isEqualTo("saiki: a must be b, got c" + System.lineSeparator());
    }

    @Test
    void wrongInputInsideAnotherExceptionIsFound() {
        assertThat(report(new IllegalStateException("outer", new InputException("inner")), false))
                .isEqualTo(2);
        assertThat(message()).contains("saiki: inner");
    }

    @Test
    void fullDiskIsCode1HoweverDeepItLies() {
        IOException full = new IOException("No space left on device");
        assertThat(report(new UncheckedIOException(full), false)).isEqualTo(1);
        assertThat(message()).contains("the disk is full").doesNotContain("No space", "--stacktrace");
    }

    @Test
    void fullDiskNamesTheFile() {
        assertThat(report(new FileSystemException("/x/y", null, "Disk quota exceeded"), false))
                .isEqualTo(1);
        assertThat(message()).contains("/x/y: the disk is full");
    }

    @Test
    void filesThatCannotBeOpenedAreCode2() {
        assertThat(report(new NoSuchFileException("/x/y"), false)).isEqualTo(2);
        assertThat(report(new AccessDeniedException("/x/z"), false)).isEqualTo(2);
        assertThat(report(new AccessDeniedException("/x/a.json.tmp"), false)).isEqualTo(2);
        assertThat(report(new IOException("Is a directory"), false)).isEqualTo(2);
        assertThat(message())
                .contains(
                        "/x/y: no such file or folder",
                        "/x/z: permission denied; change the permissions",
                        "/x/a.json: permission")
                .contains("a folder was given where a file is needed");
    }

    @Test
    void brokenDisksAreFailures() {
        assertThat(report(new FileSystemException("/x/y", null, "Input/output error"), false))
                .isEqualTo(1);
        assertThat(message()).contains("--stacktrace");
    }

    @Test
    void failuresHideTheirTraceUntilItIsWanted() {
        assertThat(report(new IllegalStateException("broken"), false)).isEqualTo(1);
        assertThat(message()).isEqualTo("saiki: broken (--stacktrace shows more)" + System.lineSeparator());
        assertThat(report(new IllegalStateException("broken"), true)).isEqualTo(1);
        assertThat(message()).contains("at dev.saiki.cli.ErrorReporterTest");
    }

    @Test
    void smallHeapsAreToldHowToGrow() {
        assertThat(report(new OutOfMemoryError("Java heap space"), false)).isEqualTo(1);
        assertThat(message()).contains("out of memory", "SAIKI_JAVA_OPTIONS=-Xmx");
    }

    @Test
    void outputThatIsLostIsAFailure() {
        OutputStream full = new OutputStream() {
            @Override
            public void write(int value) throws IOException {
                throw new IOException("No space left on device");
            }
        };
        PrintStream out = new PrintStream(full, true, StandardCharsets.UTF_8);
        assertThat(Saiki.run(new String[] {"version"}, out, err)).isEqualTo(1);
        assertThat(message()).contains("standard output", "the disk may be full");
    }
}
