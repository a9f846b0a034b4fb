package dev.saiki.cli;

import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.JsonOutput;
import picocli.CommandLine.Command;

/// `saiki version`: prints the same text as `--version`.
@Command(name = "version")
final class VersionCommand extends JsonCommand {

    @Override
    protected void run() {
        printLine(
                () -> JsonOutput.object()
                        .put("saiki", Version.ofBuild())
                        .put("jdk", Runtime.version().toString())
                        .put("system", Version.ofSystem()),
                () -> new Version().lines().forEach(this::println));
    }
}
