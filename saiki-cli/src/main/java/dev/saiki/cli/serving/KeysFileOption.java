package dev.saiki.cli.serving;

import dev.saiki.http.key.ApiKeyFile;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Option;

/// The option that names a key file.
final class KeysFileOption {

    @Option(names = "--api-keys", paramLabel = "FILE", required = true)
    private Path file = Path.of("");

    /// The name of the file.
    Path path() {
        return file;
    }

    /// Reads the file, which need not exist yet.
    ApiKeyFile open() throws IOException {
        return ApiKeyFile.open(file);
    }
}
