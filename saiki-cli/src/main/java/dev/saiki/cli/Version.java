package dev.saiki.cli;

import dev.saiki.checkpoint.Manifest;
import java.util.List;
import picocli.CommandLine.IVersionProvider;

/// The version of this build and of its runtime.
final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
        return lines().toArray(String[]::new);
    }

    /// The version in readable form.
    List<String> lines() {
        return List.of("saiki " + ofBuild(), "JDK " + Runtime.version(), ofSystem());
    }

    /// The version in the POM from which this command was built.
    static String ofBuild() {
        return Manifest.currentVersion();
    }

    /// The operating system, its version, and the processor's architecture.
    static String ofSystem() {
        return System.getProperty("os.name") + " " + System.getProperty("os.version") + " "
                + System.getProperty("os.arch");
    }
}
