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

    /// The tool that checks and evaluates Prometheus alert rules.
    PROMTOOL("promtool", "promtool", "promtool"),

    /// A proxy in front of servers.
    NGINX("nginx", "nginx", "nginx"),

    /// A load generator for servers, which uses HTTP/1.0.
    AB("ab", "ab", "apache2-utils"),

    /// The installer of JavaScript programs, with Node.js, which runs them.
    NPM("npm", "npm", "npm"),

    /// The tool that renders Kubernetes charts. Debian has no package of the tool, so the CI skips the tests that
    /// need it.
    HELM("Helm", "helm", "");

    private final String label;
    private final String names;
    private final String packages;

    Program(String label, String names, String packages) {
        this.label = label;
        this.names = names;
        this.packages = packages;
    }

    /// Finds the program at the path in the environment variable that is named like the constant, or else on
    /// the search path.
    ///
    /// @return the program's file, or nothing
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
    /// @param name the program's file name
    /// @param path the folders, as in the variable PATH
    /// @return the program's file, or nothing
    static Optional<Path> onPath(String name, String path) {
        return Stream.of(path.split(File.pathSeparator))
                .map(folder -> Path.of(folder, name))
                .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
                .findFirst();
    }

    /// The program's file, for tests with {@link Needs}.
    ///
    /// @return the path of the program's file
    /// @throws IllegalStateException if the program is not installed
    public String path() {
        return find().orElseThrow(() -> new IllegalStateException(absence())).toString();
    }

    /// The message that says that a program is missing and how to install it.
    String absence() {
        return label + " is not installed: " + (isPackaged() ? "'apt-get install " + packages + "' on Debian, or " : "")
                + "set " + name() + " to its path";
    }

    /// Whether Debian has a package of the program, so that the CI can install it.
    boolean isPackaged() {
        return !packages.isEmpty();
    }

    /// Whether this is a run of the CI, which must not skip tests.
    static boolean inCi() {
        return Stream.of("true", "1").anyMatch(System.getenv().getOrDefault("CI", "")::equals);
    }
}
