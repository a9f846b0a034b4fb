package dev.saiki.io.storage;

import dev.saiki.io.InputException;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// The list of a published folder's files. The list is written last; the folder is complete once the list exists.
///
/// The text of the list consists of `saiki-folder 1` and a line `SHA256 BYTES PATH` for each file, ordered by
/// path.
///
/// @param files the files by their paths in the folder, separated by `/`
record DirectoryManifest(SortedMap<String, Entry> files) {

    /// The last part of the object's key.
    static final String NAME = "saiki-folder.txt";

    private static final String HEADER = "saiki-folder 1";
    private static final Pattern LINE = Pattern.compile("([0-9a-f]{64}) (\\d{1,18}) (\\S.*)");
    private static final Pattern LEADS_OUT = Pattern.compile("(^|.*/)\\.\\.?(/.*|$)|/.*");
    private static final Pattern OBJECT = Pattern.compile(".+/[0-9a-f]{64}");

    /// A file in the folder.
    ///
    /// @param sha256 the SHA-256 of the file's content, in 64 hexadecimal digits
    /// @param bytes the length of the file
    record Entry(String sha256, long bytes) {}

    DirectoryManifest {
        files = Collections.unmodifiableSortedMap(new TreeMap<>(files));
    }

    /// Parses the text.
    ///
    /// @param where the name of the text in messages
    /// @throws InputException if the text is no list of files, or a path leads out of the folder
    static DirectoryManifest parse(String text, String where) {
        SortedMap<String, Entry> files = new TreeMap<>();
        String[] lines = text.split("\n", -1);
        if (!lines[0].equals(HEADER) || !lines[lines.length - 1].isEmpty()) {
            throw InputException.of(where, "the list of files", "one that begins with " + HEADER, lines[0]);
        }
        for (int i = 1; i < lines.length - 1; i++) {
            Matcher line = LINE.matcher(lines[i]);
            if (!line.matches() || LEADS_OUT.matcher(line.group(3)).matches()) {
                throw InputException.of(where, "line " + (i + 1), "SHA256 BYTES PATH", lines[i]);
            }
            files.put(line.group(3), new Entry(line.group(1), Long.parseLong(line.group(2))));
        }
        return new DirectoryManifest(files);
    }

    /// The text of the list.
    String text() {
        StringBuilder text = new StringBuilder(HEADER).append('\n');
        files.forEach((path, entry) -> text.append(entry.sha256())
                .append(' ')
                .append(entry.bytes())
                .append(' ')
                .append(path)
                .append('\n'));
        return text.toString();
    }

    /// The key of a file's object.
    ///
    /// @param folder the location of the published folder
    /// @param path the file's path in the folder
    /// @param entry the entry of the file in the list
    static String key(StorageLocation folder, String path, Entry entry) {
        return folder.child(path + "/" + entry.sha256()).key();
    }

    /// Whether a key belongs to a file of a published folder.
    static boolean isKeyOfFile(String key) {
        return OBJECT.matcher(key).matches();
    }

    /// The total length of the files.
    long bytes() {
        return files.values().stream().mapToLong(Entry::bytes).sum();
    }
}
