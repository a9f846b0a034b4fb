package dev.saiki.io;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/// SHA-256 hashes.
public final class Sha256 {

    private Sha256() {}

    /// Creates an empty digest.
    ///
    /// @return an empty digest
    public static MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK lacks SHA-256", e);
        }
    }

    /// Computes the digest of bytes.
    ///
    /// @param bytes all bytes to digest
    /// @return 64 hexadecimal digits
    public static String hex(byte[] bytes) {
        return HexFormat.of().formatHex(digest().digest(bytes));
    }

    /// Computes the digest of a file piece by piece.
    ///
    /// @param file the file
    /// @return 64 hexadecimal digits
    /// @throws IOException if the file cannot be read
    public static String hex(Path file) throws IOException {
        MessageDigest digest = digest();
        try (OutputStream output = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
            Files.copy(file, output);
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
