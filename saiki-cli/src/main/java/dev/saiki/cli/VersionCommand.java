package dev.saiki.cli;

import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.JsonOutput;
import picocli.CommandLine.Command;

/// `saiki version`: prints the same text as `--version`.
@Command(name = "version", description = "Show the versions of saiki, the JDK and the system.")
final class VersionCommand extends JsonCommand {

    @Override
    protected void run() {
        // The usual answer needs no JSON library, whose classes take a tenth of the time of this command to load.
        if (json) {
            println(JsonOutput.line(JsonOutput.object()
                    .put("saiki", Version.ofBuild())
                    .put("jdk", Runtime.version().toString())
                    .put("system", Version.ofSystem())));
        } else {
            new Version().lines().forEach(this::println);
        }
    }
}
