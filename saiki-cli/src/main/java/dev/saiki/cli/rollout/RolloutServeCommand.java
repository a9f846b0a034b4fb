package dev.saiki.cli.rollout;

import dev.saiki.cli.serving.LogFormat;
import dev.saiki.cli.terminal.ConsoleCommand;
import dev.saiki.cli.terminal.ShutdownListener;
import dev.saiki.evidence.ExpectedLength;
import dev.saiki.rollout.Gateway;
import dev.saiki.rollout.check.FigureCheck;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.GatewayPlanReader;
import dev.saiki.rollout.plan.RolloutGate;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `saiki rollout serve`: runs a gateway, one address in front of the current model and the candidate.
@Command(
        name = "serve",
        description = {
            "Run the gateway: one address in front of the current model and the candidate.",
            "Moves traffic to the candidate step by step as the plan says and the evidence allows, and back "
                    + "if the candidate is worse. Ctrl-C or SIGTERM ends the gateway."
        })
public final class RolloutServeCommand extends ConsoleCommand {

    private static final Duration DRAIN = Duration.ofSeconds(30);
    private static final double MIN_DIFFERING = 0.2;

    @Option(
            names = "--plan",
            paramLabel = "FILE",
            required = true,
            description = "The plan in YAML: both models, stages, gates; docs/rollout.md contains an example.")
    private Path plan = Path.of("");

    @Option(
            names = "--log-format",
            paramLabel = "NAME",
            description =
                    "Format of the log on standard error: plain, or json for one object a line (default: " + "plain).")
    private LogFormat logFormat = LogFormat.PLAIN;

    @Option(names = "--expect", description = "Only estimate, by simulation, how many conversations each gate needs.")
    private boolean expect;

    @Override
    protected void run() throws InterruptedException {
        logFormat.apply(false);
        GatewayPlan read = GatewayPlanReader.read(plan, System.getenv());
        if (expect) {
            read.gates().forEach(gate -> printExpected(read, gate));
            return;
        }
        CountDownLatch end = new CountDownLatch(1);
        try (ShutdownListener _ = ShutdownListener.listen(end::countDown);
                Gateway gateway = Gateway.start(read)) {
            note("the gateway is at http"
                    + (read.access().listen().tls().isPresent() ? "s" : "") + "://"
                    + read.access().listen().host() + ":" + gateway.port() + "/v1 for " + read.model()
                    + ", in state " + gateway.state() + ", page at / (Ctrl-C ends)");
            end.await();
            note("stopping: running answers are finished first");
            if (!gateway.drain(DRAIN)) {
                note("some answers were not done after " + DRAIN.toSeconds() + " s and were cut off");
            }
        }
    }

    /// Prints how long a gate is expected to take if a given share of the answers differ in quality: for equal
    /// models, and for a candidate whose harm lies halfway between the tolerance and that share.
    private void printExpected(GatewayPlan read, RolloutGate gate) {
        if (gate.check() instanceof FigureCheck) {
            printf(
                    "gate %s tests a figure: its duration depends on the figure, and cannot be estimated%n",
                    gate.name());
            return;
        }
        double differing = Math.clamp(2 * gate.tolerance(), MIN_DIFFERING, 1);
        double harm = (gate.tolerance() + differing) / 2;
        ExpectedLength length = ExpectedLength.of(read.settings(gate), differing, harm);
        printf(
                "gate %s, if %.0f %% of the conversations differ: an equal candidate passes after %s; one with"
                        + " %.2f more mean loss is rejected after %s%n",
                gate.name(), 100 * differing, conversations(length.promotion()), harm, conversations(length.retreat()));
    }

    private static String conversations(ExpectedLength.Length length) {
        return known(length.median()) + " conversations (9 of 10 times within " + known(length.ninety()) + ")";
    }

    private static String known(OptionalInt count) {
        return count.isPresent() ? Integer.toString(count.getAsInt()) : "over 20000";
    }
}
