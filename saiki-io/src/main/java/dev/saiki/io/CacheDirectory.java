package dev.saiki.io;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// Saiki's cache folder.
///
/// The library `dev.dirs:directories` knows each system's cache folders, but on Windows it starts another program,
/// which takes longer than the rest of a start.
public final class CacheDirectory {

    private CacheDirectory() {}

    /// Finds the folder; relative paths are no places for it (specifications.freedesktop.org/basedir).
    ///
    /// @param environment of the process, which may say where caches are by `XDG_CACHE_HOME`
    /// @return a folder that may not exist yet; empty if the user has none
    public static Optional<Path> of(Map<String, String> environment) {
        Path chosen = Path.of(environment.getOrDefault("XDG_CACHE_HOME", ""));
        // A user without an entry in the system's list has no home.
        Path home = Path.of(System.getProperty("user.home", ""));
        Path caches = chosen.isAbsolute() ? chosen : home.resolve(".cache");
        return caches.isAbsolute() ? Optional.of(caches.resolve("saiki")) : Optional.empty();
    }
}
