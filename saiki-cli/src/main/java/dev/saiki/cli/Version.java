package dev.saiki.cli;

import dev.saiki.checkpoint.Manifest;
import picocli.CommandLine.IVersionProvider;

/// The version of this build and of what it runs on.
final class Version implements IVersionProvider {

    @Override
    public String[] getVersion() {
        return new String[] {
            "saiki " + ofBuild(),
            "JDK " + Runtime.version(),
            System.getProperty("os.name") + " " + System.getProperty("os.version") + " " + System.getProperty("os.arch")
        };
    }

    /// The version in the POM this command was built from.
    static String ofBuild() {
        return Manifest.currentVersion();
    }
}
