package dev.saiki.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.testkit.TestProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/// A copy of the launcher and its scripts, with programs in place of Java that print their arguments.
///
/// @param folder the folder of the copy
record LauncherCopy(Path folder) {

    static final String RELEASE = "JAVA_VERSION=\"25.0.3\"\nFULL_VERSION=\"25.0.3+9\"\n";

    static LauncherCopy in(Path folder) throws IOException {
        LauncherCopy launcher = new LauncherCopy(folder);
        for (String name : List.of(
                "saiki",
                "scripts/find-jdk.sh",
                "scripts/native-env.sh",
                "scripts/start.sh",
                "scripts/class-archive.sh")) {
            Path target = folder.resolve(name);
            Files.createDirectories(target.getParent());
            Files.copy(Repository.ROOT.resolve(name), target, StandardCopyOption.COPY_ATTRIBUTES);
        }
        launcher.program("jdk/bin/java", "printf '%s\\n' \"$@\"");
        launcher.program("jdk/bin/javac", "printf '%s\\n' \"$@\"");
        Files.writeString(launcher.jdk().resolve("release"), RELEASE);
        return launcher;
    }

    Path jdk() {
        return folder.resolve("jdk");
    }

    Path distribution() throws IOException {
        return Files.createDirectories(folder.resolve("saiki-cli/target/saiki"));
    }

    void program(String name, String script) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + script + "\n");
        assertThat(file.toFile().setExecutable(true)).isTrue();
    }

    static TestProcess.Ended run(List<String> command, Map<String, String> variables)
            throws IOException, InterruptedException {
        return TestProcess.run(Duration.ofSeconds(30), command, builder -> {
            builder.redirectErrorStream(true);
            builder.environment()
                    .keySet()
                    .removeAll(
                            List.of("SAIKI_JAVA_OPTIONS", "JDK_JAVA_OPTIONS", "JAVA_TOOL_OPTIONS", "SAIKI_PLATFORM"));
            builder.environment().putAll(variables);
        });
    }
}
