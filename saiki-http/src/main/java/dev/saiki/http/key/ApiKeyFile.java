package dev.saiki.http.key;

import dev.saiki.http.key.ApiKeys.Entry;
import dev.saiki.io.AtomicFiles;
import dev.saiki.io.DirectoryLock;
import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/// An editor of the key file that {@link ApiKeys} reads.
///
/// The file contains hashes instead of keys, so that nobody who reads it can use a key; a key is shown once, when
/// it is created. Comments and empty lines are preserved. To change the file, the editor locks its folder, reads
/// the current content, and replaces the file atomically: a server that starts at the same time reads either the
/// old keys or the new ones.
public final class ApiKeyFile {

    private static final Pattern NAME = Pattern.compile("(?!#)[!-~]{1,64}");
    private static final int KEY_BYTES = 32;
    private static final String KEY_PREFIX = "sk-";

    private final Path file;
    private final List<String> lines;

    private ApiKeyFile(Path file, List<String> lines) {
        this.file = file;
        this.lines = lines;
    }

    /// A key in the file.
    ///
    /// @param key the key's holder
    /// @param hash the key's SHA-256 hash in hexadecimal digits
    public record StoredKey(ApiKey key, String hash) {}

    /// Reads a file.
    ///
    /// @param file the file with one key per line; it is created when the first key is added
    /// @return the file's keys, perhaps none
    /// @throws IOException if the file cannot be read
    /// @throws InputException if the file is too large or has an invalid line, which the message names
    public static ApiKeyFile open(Path file) throws IOException {
        // Resolves a symbolic link, so that a change replaces the link's target and keeps the link.
        ApiKeyFile opened = new ApiKeyFile(Files.exists(file) ? file.toRealPath() : file, new ArrayList<>());
        opened.read();
        return opened;
    }

    private void read() throws IOException {
        lines.clear();
        if (Files.exists(file)) {
            ApiKeys.requireSize(file);
            lines.addAll(Files.readAllLines(file));
            List<StoredKey> _ = keys();
        }
    }

    /// Lists the keys.
    ///
    /// @return the keys in the order of the file
    public List<StoredKey> keys() {
        List<StoredKey> keys = new ArrayList<>();
        for (int line = 0; line < lines.size(); line++) {
            entry(line).map(ApiKeyFile::stored).ifPresent(keys::add);
        }
        return keys;
    }

    private Optional<Entry> entry(int line) {
        return ApiKeys.entry(lines.get(line), file + ", line " + (line + 1));
    }

    private static StoredKey stored(Entry entry) {
        return new StoredKey(entry.key(), HexFormat.of().formatHex(entry.hash()));
    }

    /// Creates a key and adds its hash to the file.
    ///
    /// @param key the name, role and limits of the key
    /// @param random a secure source of random bytes
    /// @return the key itself, which is stored nowhere
    /// @throws IOException if the file cannot be written; the file is then unchanged
    /// @throws InputException if the name is not allowed in the file, or another process is writing to its folder
    public String add(ApiKey key, RandomGenerator random) throws IOException {
        if (!NAME.matcher(key.name()).matches()) {
            throw new InputException("the name of a key must be 1 to 64 ASCII characters without spaces and not begin"
                    + " with #, got \"" + key.name() + "\"");
        }
        byte[] secret = new byte[KEY_BYTES];
        random.nextBytes(secret);
        String made = KEY_PREFIX + HexFormat.of().formatHex(secret);
        StringBuilder line =
                new StringBuilder(key.name()).append(' ').append(HexFormat.of().formatHex(ApiKeys.sha256(made)));
        line.append(' ').append(key.role().name().toLowerCase(Locale.ROOT));
        key.requestsAMinute().ifPresent(most -> line.append(" requests=").append(most));
        key.tokensAMinute().ifPresent(most -> line.append(" tokens=").append(most));
        try (DirectoryLock _ = DirectoryLock.acquire(parent())) {
            read();
            lines.add(line.toString());
            write();
        }
        return made;
    }

    /// Removes keys from the file.
    ///
    /// @param name the name of the keys
    /// @param hash the first digits of the hash of the key to remove, if several keys have the same name;
    ///     empty to remove all keys of that name
    /// @return the removed keys, at least one
    /// @throws IOException if the file cannot be written; the file is then unchanged
    /// @throws InputException if there is no such key, or another process is writing to the file's folder
    public List<StoredKey> revoke(String name, Optional<String> hash) throws IOException {
        try (DirectoryLock _ = DirectoryLock.acquire(parent())) {
            read();
            return remove(name, hash.map(digits -> digits.toLowerCase(Locale.ROOT)));
        }
    }

    private List<StoredKey> remove(String name, Optional<String> hash) throws IOException {
        List<String> kept = new ArrayList<>();
        List<StoredKey> removed = new ArrayList<>();
        for (int line = 0; line < lines.size(); line++) {
            Optional<StoredKey> meant = entry(line)
                    .map(ApiKeyFile::stored)
                    .filter(key -> key.key().name().equals(name))
                    .filter(key -> key.hash().startsWith(hash.orElse("")));
            if (meant.isPresent()) {
                removed.add(meant.get());
            } else {
                kept.add(lines.get(line));
            }
        }
        if (removed.isEmpty()) {
            throw noSuchKey(name, hash);
        }
        lines.clear();
        lines.addAll(kept);
        write();
        return removed;
    }

    private InputException noSuchKey(String name, Optional<String> hash) {
        List<String> names =
                keys().stream().map(key -> key.key().name()).distinct().toList();
        String hint = names.isEmpty() ? "; the file has no keys" : Suggestions.hint(name, names);
        return new InputException(file + ": has no key named " + name
                + hash.map(digits -> " whose hash begins with " + digits).orElse("")
                + (names.contains(name) ? "; saiki keys list shows the hashes" : hint));
    }

    private void write() throws IOException {
        AtomicFiles.writePrivateString(file, String.join("\n", lines) + "\n");
    }

    private Path parent() {
        return Optional.ofNullable(file.toAbsolutePath().getParent())
                .orElseThrow(() -> new InputException(file + ": must be a file of keys, got a folder"));
    }
}
