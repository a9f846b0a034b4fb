package dev.saiki.cli.rollout;

import dev.saiki.cli.terminal.JsonCommand;
import java.io.IOException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import tools.jackson.databind.node.ObjectNode;

/// `saiki rollout status`: shows a rollout's stage and evidence.
@Command(name = "status")
public final class RolloutStatusCommand extends JsonCommand {

    @Mixin
    private GatewayOption gateway = new GatewayOption();

    @Override
    protected void run() throws IOException {
        ObjectNode status = gateway.get("/rollout");
        status.set("decisions", gateway.get("/rollout/decisions?limit=10").path("data"));
        status.set("measured", gateway.get("/rollout/measured"));
        printLine(() -> status, () -> RolloutReport.print(console.out(), status));
    }
}
