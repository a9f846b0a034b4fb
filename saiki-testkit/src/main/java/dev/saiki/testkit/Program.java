package dev.saiki.testkit;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;

/// A program that some tests need and the build cannot provide.
public enum Program {
    /// A browser.
    CHROMIUM("Chromium", "chromium chromium-browser google-chrome", "chromium fonts-noto-cjk"),

    /// What checks and evaluates the alert rules of Prometheus.
    PROMTOOL("promtool", "promtool", "promtool"),

    /// A proxy in front of servers.
    NGINX("nginx", "nginx", "nginx"),

    /// A tool that measures servers, and speaks HTTP/1.0.
    AB("ab", "ab", "apache2-utils"),

    /// What installs programs in JavaScript, and Node.js, which runs them.
    NPM("npm", "npm", "npm"),

    /// What renders charts of Kubernetes. Debian has no package of it, so the CI leaves its tests out.
    HELM("Helm", "helm", "");

    private final String label;
    private final String names;
    private final String packages;

    Program(String label, String names, String packages) {
        this.label = label;
        this.names = names;
        this.packages = packages;
    }

    /// Looks for it: the variable of its name may say where it is, else it is looked for on the path.
    ///
    /// @return its file, or nothing
    public Optional<Path> find() {
        String named = System.getenv(name());
        if (named != null) {
            return Optional.of(Path.of(named)).filter(Files::isExecutable);
        }
        return Stream.of(names.split(" "))
                .map(name -> onPath(name, System.getenv().getOrDefault("PATH", "")))
                .flatMap(Optional::stream)
                .findFirst();
    }

    /// Looks for a program in the folders of a search path.
    ///
    /// @param name its file's name
    /// @param path the folders, as in the variable PATH
    /// @return its file, or nothing
    static Optional<Path> onPath(String name, String path) {
        return Stream.of(path.split(File.pathSeparator))
                .map(folder -> Path.of(folder, name))
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .findFirst();
    }

    /// The program's file, for tests that {@link Needs need} it.
    ///
    /// @return its path
    /// @throws IllegalStateException if it is not there
    public String path() {
        return find().orElseThrow(() -> new IllegalStateException(absence())).toString();
    }

    /// What to say if it is not there, with the way to get it.
    String absence() {
        return label + " is not there: " + (isPackaged() ? "'apt-get install " + packages + "' on Debian, or " : "")
                + "name it in " + name();
    }

    /// Whether Debian has it, so that the CI can install it.
    boolean isPackaged() {
        return !packages.isEmpty();
    }

    /// Whether this is a run of the CI, which may leave nothing out.
    static boolean inCi() {
        return Stream.of("true", "1").anyMatch(System.getenv().getOrDefault("CI", "")::equals);
    }
}
