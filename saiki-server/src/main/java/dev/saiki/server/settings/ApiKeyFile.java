package dev.saiki.server.settings;

import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import dev.saiki.server.settings.ApiKeys.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;

/// A file of keys as its owner changes it: the one that {@link ApiKeys} reads.
///
/// It has the hashes only, so that whoever reads it cannot use the keys; a key is told once, when it is made.
/// Comments and empty lines stay. A change is written aside and renamed: a server that starts meanwhile reads the
/// old keys or the new ones.
public final class ApiKeyFile {

    private static final Pattern NAME = Pattern.compile("(?!#)[!-~]{1,64}");
    private static final int KEY_BYTES = 32;
    private static final String KEY_PREFIX = "sk-";
    private static final Set<PosixFilePermission> PRIVATE = PosixFilePermissions.fromString("rw-------");

    private final Path file;
    private final List<String> lines;

    private ApiKeyFile(Path file, List<String> lines) {
        this.file = file;
        this.lines = lines;
    }

    /// A key in the file.
    ///
    /// @param key what is known of it
    /// @param hash its SHA-256 hash in hexadecimal digits
    public record StoredKey(ApiKey key, String hash) {}

    /// Reads a file.
    ///
    /// @param file one key a line; if there is none, it is made when a key is added
    /// @return its keys, perhaps none
    /// @throws IOException if it cannot be read
    /// @throws InputException if it is too large or has a line that is no key; names the line
    public static ApiKeyFile open(Path file) throws IOException {
        if (!Files.exists(file)) {
            return new ApiKeyFile(file, new ArrayList<>());
        }
        ApiKeys.requireSize(file);
        // A link stays one: what it leads to is replaced.
        ApiKeyFile opened = new ApiKeyFile(file.toRealPath(), new ArrayList<>(Files.readAllLines(file)));
        List<StoredKey> _ = opened.keys();
        return opened;
    }

    /// Lists the keys.
    ///
    /// @return in the order of the file
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

    /// Makes a key and writes its hash into the file.
    ///
    /// @param key its name, role and limits
    /// @param random where it comes from; a secure one
    /// @return the key itself, which is nowhere else
    /// @throws IOException if the file cannot be written; it is then as it was
    /// @throws InputException if the name or a limit cannot stand in the file
    public String add(ApiKey key, RandomGenerator random) throws IOException {
        if (!NAME.matcher(key.name()).matches()) {
            throw new InputException("the name of a key must be 1 to 64 characters of ASCII without a space, the first"
                    + " of them not #, got \"" + key.name() + "\"");
        }
        byte[] secret = new byte[KEY_BYTES];
        random.nextBytes(secret);
        String made = KEY_PREFIX + HexFormat.of().formatHex(secret);
        StringBuilder line =
                new StringBuilder(key.name()).append(' ').append(HexFormat.of().formatHex(ApiKeys.sha256(made)));
        line.append(' ').append(key.role().name().toLowerCase(Locale.ROOT));
        key.requestsAMinute().ifPresent(most -> line.append(" requests=").append(most));
        key.tokensAMinute().ifPresent(most -> line.append(" tokens=").append(most));
        lines.add(line.toString());
        write();
        return made;
    }

    /// Removes keys from the file.
    ///
    /// @param name of the keys
    /// @param hash how the hash begins of those of that name that are meant; empty for all of them
    /// @return what was removed, at least one key
    /// @throws IOException if the file cannot be written; it is then as it was
    /// @throws InputException if there is no such key
    public List<StoredKey> revoke(String name, String hash) throws IOException {
        List<String> kept = new ArrayList<>();
        List<StoredKey> removed = new ArrayList<>();
        for (int line = 0; line < lines.size(); line++) {
            Optional<StoredKey> meant = entry(line)
                    .map(ApiKeyFile::stored)
                    .filter(key -> key.key().name().equals(name))
                    .filter(key -> key.hash().startsWith(hash.toLowerCase(Locale.ROOT)));
            if (meant.isPresent()) {
                removed.add(meant.get());
            } else {
                kept.add(lines.get(line));
            }
        }
        if (removed.isEmpty()) {
            List<String> names =
                    keys().stream().map(key -> key.key().name()).distinct().toList();
            throw new InputException(file + ": has no key of the name " + name
                    + (hash.isEmpty() ? "" : " whose hash begins with " + hash)
                    + (names.isEmpty() ? "; it has none at all" : Suggestions.hint(name, names)));
        }
        lines.clear();
        lines.addAll(kept);
        write();
        return removed;
    }

    private void write() throws IOException {
        boolean hasOwners = Files.getFileStore(parent()).supportsFileAttributeView("posix");
        Set<PosixFilePermission> permissions =
                hasOwners && Files.exists(file) ? Files.getPosixFilePermissions(file) : PRIVATE;
        AtomicFiles.writeString(file, String.join("\n", lines) + "\n");
        if (hasOwners) {
            Files.setPosixFilePermissions(file, permissions);
        }
    }

    private Path parent() throws IOException {
        Path parent = file.toAbsolutePath().getParent();
        if (parent == null) {
            throw new InputException(file + ": must be a file of keys, got a folder");
        }
        return Files.createDirectories(parent);
    }
}
