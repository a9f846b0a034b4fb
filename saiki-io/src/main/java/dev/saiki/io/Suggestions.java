package dev.saiki.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// Suggestions for mistyped names.
public final class Suggestions {

    private static final int MOST = 3;
    private static final int SHORTEST_PART = 4;

    private Suggestions() {}

    /// Finds names similar to the input: up to three names, the nearest first, within a distance of two or of
    /// a third of the input's length, whichever is more. If no name is that near, finds names that contain
    /// the input.
    ///
    /// @param typed the user's input
    /// @param known all accepted names
    /// @return the likely names; empty if none is near
    public static List<String> closest(String typed, Collection<String> known) {
        List<String> near = within(typed, known, Math.max(2, typed.length() / 3));
        return near.isEmpty() && typed.length() >= SHORTEST_PART
                ? known.stream()
                        .filter(name -> name.toLowerCase(Locale.ROOT).contains(typed.toLowerCase(Locale.ROOT)))
                        .sorted()
                        .limit(MOST)
                        .toList()
                : near;
    }

    /// Finds up to three known names within a distance, the nearest first.
    ///
    /// @param typed the user's input
    /// @param known all accepted names
    /// @param reach the maximum number of edits; an edit adds, omits or replaces a letter, or exchanges two
    ///     neighbours
    /// @return the likely names; empty if none is near
    public static List<String> within(String typed, Collection<String> known, int reach) {
        return known.stream()
                .filter(name -> distance(typed, name) <= reach)
                .sorted(Comparator.<String>comparingInt(name -> distance(typed, name))
                        .thenComparing(Comparator.naturalOrder()))
                .limit(MOST)
                .toList();
    }

    /// Formats {@link #closest} as the end of an error message that already lists the allowed names.
    ///
    /// @param typed the user's input
    /// @param known all accepted names
    /// @return `; did you mean a, b?`; empty if no name is near, or if there are several names and all are
    ///     near
    public static String didYouMean(String typed, Collection<String> known) {
        List<String> closest = closest(typed, known);
        boolean isEverything = known.size() > 1 && closest.size() == known.size();
        return closest.isEmpty() || isEverything ? "" : "; did you mean " + String.join(", ", closest) + "?";
    }

    /// Formats {@link #closest} as the end of an error message.
    ///
    /// @param typed the user's input
    /// @param known all accepted names
    /// @return `; did you mean a, b?`, or else the list of all known names
    public static String hint(String typed, Collection<String> known) {
        String nearest = didYouMean(typed, known);
        return nearest.isEmpty()
                ? "; known are " + String.join(", ", known.stream().sorted().toList())
                : nearest;
    }

    /// Formats suggestions for a path that does not exist, as the end of an error message.
    ///
    /// @param missing the path that was typed
    /// @return suggestions of siblings with similar names; if there are none, the folder to which relative paths
    ///     refer
    public static String forMissing(Path missing) {
        @Nullable Path parent = missing.toAbsolutePath().getParent();
        @Nullable Path name = missing.getFileName();
        if (parent == null || name == null) {
            return "";
        }
        try (Stream<Path> entries = Files.list(parent)) {
            Map<String, String> paths = entries.map(entry -> String.valueOf(entry.getFileName()))
                    .filter(entry -> !entry.startsWith("."))
                    .collect(Collectors.toMap(
                            entry -> entry,
                            entry -> missing.resolveSibling(entry).toString()));
            // For short names a distance of two is too much: `home` would be suggested for `nope`.
            int reach = Math.max(1, name.toString().length() / 3);
            List<String> near = within(name.toString(), paths.keySet(), reach).stream()
                    .map(paths::get)
                    .toList();
            return near.isEmpty() ? start(missing) : "; did you mean " + String.join(", ", near) + "?";
        } catch (IOException | UncheckedIOException unreadable) {
            return start(missing);
        }
    }

    private static String start(Path missing) {
        return missing.isAbsolute()
                ? ""
                : "; relative paths start at " + Path.of("").toAbsolutePath();
    }

    /// The Levenshtein distance, ignoring case; the exchange of two neighbours counts as one edit.
    private static int distance(String first, String second) {
        String a = first.toLowerCase(Locale.ROOT);
        String b = second.toLowerCase(Locale.ROOT);
        int[][] distances = new int[a.length() + 1][b.length() + 1];
        for (int i = 0; i <= a.length(); i++) {
            for (int j = 0; j <= b.length(); j++) {
                distances[i][j] = Math.min(i, j) == 0 ? i + j : edits(distances, a, b, i, j);
            }
        }
        return distances[a.length()][b.length()];
    }

    private static int edits(int[][] distances, String a, String b, int i, int j) {
        char ofA = a.charAt(i - 1);
        char ofB = b.charAt(j - 1);
        int substituted = distances[i - 1][j - 1] + (ofA == ofB ? 0 : 1);
        int least = Math.min(substituted, 1 + Math.min(distances[i - 1][j], distances[i][j - 1]));
        boolean exchanged = i > 1 && j > 1 && ofA == b.charAt(j - 2) && a.charAt(i - 2) == ofB;
        return exchanged ? Math.min(least, distances[i - 2][j - 2] + 1) : least;
    }
}
