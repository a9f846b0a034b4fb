package dev.saiki.server.settings;

import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// Keys that open the server, of which it knows the SHA-256 hashes only.
///
/// A file has one key a line: a name for logs, a space, and the hash in 64 hexadecimal digits, as
/// `printf %s "$KEY" | sha256sum` gives it. Empty lines and those that begin with # are skipped. Keys must be long and
/// random (`openssl rand -hex 32`): a hash without salt does not protect a word that can be guessed.
public final class ApiKeys {

    private static final int MOST_FILE_BYTES = 1 << 20;

    private final List<Key> keys;

    /// One key; its hash as hexadecimal digits in lower case.
    private record Key(String name, String hash) {}

    private ApiKeys(List<Key> keys) {
        this.keys = List.copyOf(keys);
    }

    /// Reads a file of keys.
    ///
    /// @param file one key a line
    /// @return the keys
    /// @throws IOException if it cannot be read
    /// @throws InputException if it is too large, has a line that is no key, or has none; names the line
    public static ApiKeys read(Path file) throws IOException {
        if (Files.size(file) > MOST_FILE_BYTES) {
            throw InputException.of(
                    file.toString(), "a file of keys", "at most " + MOST_FILE_BYTES + " bytes", Files.size(file));
        }
        return parse(Files.readAllLines(file), file.toString());
    }

    /// Reads lines of keys.
    ///
    /// @param lines one key each
    /// @param where what to call them in messages
    /// @return the keys
    /// @throws InputException if a line is no key, or there is none; names the line but not what stands in it
    public static ApiKeys parse(List<String> lines, String where) {
        List<Key> keys = new ArrayList<>();
        for (int number = 1; number <= lines.size(); number++) {
            String line = lines.get(number - 1).strip();
            if (line.isEmpty() || line.startsWith("#")) {
                continue;
            }
            String[] words = line.split("\\s+", 3);
            if (words.length != 2 || !words[1].matches("[0-9a-fA-F]{64}")) {
                throw new InputException(where + ", line " + number
                        + ": must be a name, a space, and a SHA-256 hash of 64 hexadecimal digits");
            }
            keys.add(new Key(words[0], words[1].toLowerCase(Locale.ROOT)));
        }
        if (keys.isEmpty()) {
            throw new InputException(where + ": must have at least one key, got none");
        }
        return new ApiKeys(keys);
    }

    /// Finds whose a key is. Looks at all keys and all their bytes, so that time tells nothing.
    ///
    /// @param key what was presented
    /// @return its name, if it is one of ours
    public Optional<String> nameOf(String key) {
        byte[] hash = ascii(HexFormat.of().formatHex(sha256(key)));
        Optional<String> found = Optional.empty();
        for (Key known : keys) {
            if (MessageDigest.isEqual(ascii(known.hash()), hash)) {
                found = Optional.of(known.name());
            }
        }
        return found;
    }

    private static byte[] ascii(String digits) {
        return digits.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] sha256(String key) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(key.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
