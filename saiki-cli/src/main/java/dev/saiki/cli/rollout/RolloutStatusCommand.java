package dev.saiki.cli.rollout;

import dev.saiki.cli.terminal.Console;
import dev.saiki.cli.terminal.ExitCode;
import dev.saiki.cli.terminal.JsonOutput;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// `saiki rollout status`: shows a rollout's position and the evidence.
@Command(name = "status", description = "Show the stage of a rollout, its evidence and its latest decisions.")
public final class RolloutStatusCommand implements Callable<Integer> {

    private final Console console;

    @Mixin
    private GatewayOption gateway = new GatewayOption();

    @Option(names = "--json", description = "Print one JSON object and nothing else.")
    private boolean json;

    public RolloutStatusCommand(Console console) {
        this.console = console;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        ObjectNode status = gateway.get("/rollout");
        status.set("decisions", gateway.get("/rollout/decisions?limit=10").path("data"));
        status.set("measured", gateway.get("/rollout/measured"));
        if (json) {
            console.out().println(JsonOutput.line(status));
        } else {
            RolloutReport.print(console.out(), status);
        }
        return ExitCode.DONE;
    }
}
