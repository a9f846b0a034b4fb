package dev.saiki.io;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/// Saiki's cache folder.
///
/// The library `dev.dirs:directories`, which finds each system's cache folders, was rejected: on Windows it starts
/// another program, which takes longer than the rest of the launch.
public final class CacheDirectory {

    private CacheDirectory() {}

    /// Finds the folder. Relative paths in the environment are ignored, as the specification requires
    /// (specifications.freedesktop.org/basedir).
    ///
    /// @param environment the environment of the process; `XDG_CACHE_HOME` may set the folder
    /// @return a folder that may not exist yet; empty if the user has no home folder
    public static Optional<Path> of(Map<String, String> environment) {
        Path chosen = Path.of(environment.getOrDefault("XDG_CACHE_HOME", ""));
        // The property is empty if the user has no entry in the system's list of users.
        Path home = Path.of(System.getProperty("user.home", ""));
        Path caches = chosen.isAbsolute() ? chosen : home.resolve(".cache");
        return caches.isAbsolute() ? Optional.of(caches.resolve("saiki")) : Optional.empty();
    }
}
