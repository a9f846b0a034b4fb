package dev.saiki.cli;

import dev.saiki.cli.terminal.Console;
import dev.saiki.cli.terminal.ExitCode;
import dev.saiki.cli.terminal.JsonOutput;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `saiki version`: the same as `--version`.
@Command(name = "version", description = "Show the versions of saiki, the JDK and the system.")
final class VersionCommand implements Callable<Integer> {

    private final Console console;

    @Option(names = "--json", description = "Print one JSON object and nothing else.")
    private boolean json;

    VersionCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() {
        if (json) {
            console.out()
                    .println(JsonOutput.line(JsonOutput.object()
                            .put("saiki", Version.ofBuild())
                            .put("jdk", Runtime.version().toString())
                            .put("system", Version.ofSystem())));
        } else {
            new Version().lines().forEach(console.out()::println);
        }
        return ExitCode.DONE;
    }
}
