package dev.saiki.http.server;

import dev.saiki.io.InputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// The certificate and private key of a server.
///
/// @param certificate in PEM, with its chain up to a known authority
/// @param key the private key, PKCS #8 or PKCS #1 in PEM, without a password
public record TlsOptions(Path certificate, Path key) {

    /// Checks that both files exist.
    ///
    /// @throws InputException naming the missing file
    public TlsOptions {
        for (Path file : List.of(certificate, key)) {
            if (!Files.isReadable(file) || Files.isDirectory(file)) {
                throw new InputException(file + ": no such file, or it cannot be read");
            }
        }
    }
}
