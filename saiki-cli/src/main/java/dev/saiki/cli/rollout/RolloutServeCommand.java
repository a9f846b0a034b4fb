package dev.saiki.cli.rollout;

import dev.saiki.cli.serving.LogFormat;
import dev.saiki.cli.serving.ShutdownFlags;
import dev.saiki.cli.terminal.ConsoleCommand;
import dev.saiki.cli.terminal.ShutdownListener;
import dev.saiki.io.InputException;
import dev.saiki.rollout.Gateway;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.GatewayPlanReader;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `saiki rollout serve`: runs a gateway, one address in front of the current model and the candidate.
@Command(name = "serve")
public final class RolloutServeCommand extends ConsoleCommand {

    @Option(names = "--plan", paramLabel = "FILE", required = true)
    private Path plan = Path.of("");

    @Option(names = "--log-format", paramLabel = "NAME")
    private LogFormat logFormat = LogFormat.PLAIN;

    @Mixin
    private ShutdownFlags shutdown = new ShutdownFlags();

    @Option(names = "--expect", hidden = true)
    private boolean expect;

    @Override
    protected void run() throws InterruptedException {
        logFormat.apply(false);
        if (expect) {
            throw new InputException("--expect is now a command: saiki rollout check --plan " + plan);
        }
        Duration drainTime = shutdown.drainTime();
        GatewayPlan read = GatewayPlanReader.read(plan, System.getenv());
        CountDownLatch end = new CountDownLatch(1);
        try (ShutdownListener _ = ShutdownListener.listen(end::countDown);
                Gateway gateway = Gateway.start(read)) {
            note("the gateway is at http"
                    + (read.access().listen().tls().isPresent() ? "s" : "") + "://"
                    + read.access().listen().host() + ":" + gateway.port() + "/v1 for " + read.model()
                    + ", in state " + gateway.state() + ", page at / (Ctrl-C ends)");
            end.await();
            shutdown.end(gateway::announceEnd, () -> gateway.drain(drainTime), this::note);
        }
    }
}
