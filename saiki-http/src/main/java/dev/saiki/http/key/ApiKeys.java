package dev.saiki.http.key;

import dev.saiki.http.ApiException;
import dev.saiki.http.Exchange;
import dev.saiki.io.InputException;
import dev.saiki.io.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// The API keys of a server, stored as SHA-256 hashes.
///
/// A file has one key per line: a name for logs and the audit, a space, and the hash as 64 hexadecimal digits, the
/// output of `printf %s "$KEY" | sha256sum`. The role may follow, `user` (the default), `operator` or `auditor`,
/// and then limits per minute: `requests=60`, `tokens=100000`. Empty lines and lines that begin with # are
/// skipped. Keys must be long and random (`openssl rand -hex 32`): a hash without salt does not protect a
/// guessable word.
public final class ApiKeys {

    private static final int MAX_FILE_BYTES = 1 << 20;

    private static final Pattern BOUND = Pattern.compile("(requests|tokens)=([1-9][0-9]{0,11})");

    private static final String SCHEME = "Bearer ";
    private static final List<String> KEY_HEADERS = List.of("api-key", "x-api-key");

    private final List<Entry> keys;

    /// One key, and its hash.
    @SuppressWarnings("ArrayRecordComponent") // Nothing compares entries.
    record Entry(ApiKey key, byte[] hash) {}

    private ApiKeys(List<Entry> keys) {
        this.keys = List.copyOf(keys);
    }

    /// Reads a file of keys.
    ///
    /// @param file the file with one key per line
    /// @return the keys
    /// @throws IOException if the file cannot be read
    /// @throws InputException if the file is too large, has an invalid line, or has no keys; the message contains
    ///     the number of the line
    public static ApiKeys read(Path file) throws IOException {
        requireSize(file);
        return parse(Files.readAllLines(file), file.toString());
    }

    /// Makes a single key.
    ///
    /// @param name the name for logs
    /// @param key the key itself
    /// @return the keys
    public static ApiKeys of(String name, String key) {
        ApiKey only = new ApiKey(name, Role.USER, OptionalLong.empty(), OptionalLong.empty());
        return new ApiKeys(List.of(new Entry(only, sha256(key))));
    }

    static void requireSize(Path file) throws IOException {
        InputException.require(!Files.isDirectory(file), file.toString(), "--api-keys", "a file of keys", "a folder");
        if (Files.size(file) > MAX_FILE_BYTES) {
            throw InputException.of(
                    file.toString(), "a file of keys", "at most " + MAX_FILE_BYTES + " bytes", Files.size(file));
        }
    }

    /// Reads lines of keys.
    ///
    /// @param lines the lines with one key each
    /// @param where the name of the source, for messages
    /// @return the keys
    /// @throws InputException if a line is invalid, or there are no keys; the message contains the number of the
    ///     line but does not quote it
    public static ApiKeys parse(List<String> lines, String where) {
        List<Entry> keys = new ArrayList<>();
        for (int number = 1; number <= lines.size(); number++) {
            entry(lines.get(number - 1), where + ", line " + number).ifPresent(keys::add);
        }
        if (keys.isEmpty()) {
            throw new InputException(where + ": must have at least one key, got none; `saiki keys add` creates one");
        }
        return new ApiKeys(keys);
    }

    /// Reads a line.
    ///
    /// @param where the name of the source of the line, for messages
    /// @return the key; empty if the line is empty or a comment
    static Optional<Entry> entry(String text, String where) {
        String line = text.strip();
        if (line.isEmpty() || line.startsWith("#")) {
            return Optional.empty();
        }
        String[] words = line.split("\\s+", -1);
        if (words.length < 2 || !words[1].matches("[0-9a-fA-F]{64}") || !words[0].matches("[!-~]{1,64}")) {
            throw new InputException(
                    where + ": must be a name, a space and a SHA-256 hash of 64 hexadecimal digits, got " + shape(words)
                            + "; `saiki keys add` writes such a line");
        }
        Role role = Role.USER;
        OptionalLong requests = OptionalLong.empty();
        OptionalLong tokens = OptionalLong.empty();
        for (int word = 2; word < words.length; word++) {
            Matcher bound = BOUND.matcher(words[word]);
            if (bound.matches() && bound.group(1).equals("requests")) {
                requests = OptionalLong.of(Long.parseLong(bound.group(2)));
            } else if (bound.matches()) {
                tokens = OptionalLong.of(Long.parseLong(bound.group(2)));
            } else {
                role = role(words[word], where);
            }
        }
        return Optional.of(new Entry(
                new ApiKey(words[0], role, requests, tokens), HexFormat.of().parseHex(words[1])));
    }

    /// Describes an invalid line without quoting it, because it may contain an unhashed key.
    private static String shape(String[] words) {
        if (words.length < 2) {
            return "a single word";
        }
        return words[0].matches("[!-~]{1,64}")
                ? "a second word of " + words[1].length() + " characters"
                : "a name of " + words[0].length() + " characters, where at most 64 ASCII characters are allowed";
    }

    private static Role role(String word, String where) {
        String got = word.matches("[A-Za-z]{1,16}|[A-Za-z]{1,16}=[0-9-]{0,16}")
                ? word
                : "a word of " + word.length() + " characters";
        return Arrays.stream(Role.values())
                .filter(role -> role.name().equalsIgnoreCase(word))
                .findFirst()
                .orElseThrow(() -> new InputException(where
                        + ": the hash may be followed by user, operator or auditor, by requests=N and by tokens=N,"
                        + " with N from 1 to 999999999999, got " + got + "; `saiki keys add` writes such a line"));
    }

    /// Returns the names of all keys.
    ///
    /// @return each name once
    public Set<String> names() {
        return keys.stream().map(Entry::key).map(ApiKey::name).collect(Collectors.toCollection(TreeSet::new));
    }

    /// Lists the keys that have a limit.
    ///
    /// @return their names
    public List<String> limited() {
        return keys.stream()
                .map(Entry::key)
                .filter(key ->
                        key.requestsAMinute().isPresent() || key.tokensAMinute().isPresent())
                .map(ApiKey::name)
                .distinct()
                .toList();
    }

    /// Finds the key that a request sends in OpenAI's, Azure's or Anthropic's header.
    ///
    /// @param exchange the request
    /// @return the request's key
    /// @throws ApiException with status 401 if none of these keys was sent
    public ApiKey require(Exchange exchange) {
        String given = exchange.header("Authorization")
                .filter(value -> value.regionMatches(true, 0, SCHEME, 0, SCHEME.length()))
                .map(value -> value.substring(SCHEME.length()).strip())
                .or(() -> KEY_HEADERS.stream()
                        .flatMap(name -> exchange.header(name).stream())
                        .findFirst())
                .orElseThrow(
                        () -> ApiException.unauthenticated("send an API key in the header Authorization: Bearer KEY"));
        return find(given).orElseThrow(() -> ApiException.unauthenticated("the server does not know this API key"));
    }

    /// Finds a presented key. The search compares all bytes of all keys, so that its duration discloses nothing
    /// about them.
    ///
    /// @param presented the key itself
    /// @return the key's holder, if it is one of these keys
    public Optional<ApiKey> find(String presented) {
        return find(presented, MessageDigest::isEqual);
    }

    /// Finds a presented key.
    ///
    /// @param areEqual compares two hashes
    Optional<ApiKey> find(String presented, BiPredicate<byte[], byte[]> areEqual) {
        byte[] hash = sha256(presented);
        Optional<ApiKey> found = Optional.empty();
        for (Entry known : keys) {
            if (areEqual.test(known.hash(), hash)) {
                found = Optional.of(known.key());
            }
        }
        return found;
    }

    static byte[] sha256(String key) {
        return Sha256.digest().digest(key.getBytes(StandardCharsets.UTF_8));
    }
}
