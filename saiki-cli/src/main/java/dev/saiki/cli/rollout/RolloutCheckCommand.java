package dev.saiki.cli.rollout;

import dev.saiki.cli.terminal.ConsoleCommand;
import dev.saiki.evidence.ExpectedLength;
import dev.saiki.evidence.GateMeasure;
import dev.saiki.rollout.check.DepartureCheck;
import dev.saiki.rollout.check.FeedbackCheck;
import dev.saiki.rollout.check.GoldenCheck;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.GatewayPlanReader;
import dev.saiki.rollout.plan.LevelGate;
import dev.saiki.rollout.plan.OperationSettings;
import dev.saiki.rollout.plan.RolloutGate;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalInt;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `saiki rollout check`: reads a plan, and simulates how many conversations its gates need.
@Command(name = "check")
public final class RolloutCheckCommand extends ConsoleCommand {

    private static final double SOME = 0.3;
    private static final double FEW = 0.05;
    private static final double DIFFERING = 0.2;
    private static final String ROW = "%-28s  %9s  %8s  %14s  %8s  %8s  %8s%n";

    private final Map<Estimate, String> estimates = new HashMap<>();

    @Option(names = "--plan", paramLabel = "FILE", required = true)
    private Path plan = Path.of("");

    /// What is estimated: the clearance with a share of differing conversations, or the retreat from a share of faulty
    /// ones.
    private record Estimate(GateMeasure measure, boolean isClearance, double share) {}

    @Override
    protected void run() {
        GatewayPlan read = GatewayPlanReader.read(plan, System.getenv());
        printf(ROW, "gate", "tolerance", "cleared", "if 20 % differ", "all fail", "30 %", "5 %");
        for (RolloutGate gate : read.gates()) {
            print(read, gate.name(), gate.measure());
        }
        for (RolloutGate gate : read.gates()) {
            if (gate.check().isPaired()) {
                print(
                        read,
                        gate.name() + ", in a slice",
                        gate.measure().inSlice(read.evidence().sliceTolerance()));
                read.evidence().slices().stream()
                        .filter(slice -> slice.tolerance().isPresent())
                        .forEach(slice -> print(
                                read,
                                gate.name() + ", in " + slice.name(),
                                read.evidence().inSlice(slice.name(), gate.measure())));
            }
        }
        printf("%n");
        read.gates().forEach(this::printNote);
        if (read.gates().stream()
                .noneMatch(gate -> gate.retreats() && gate.check().judgesContent())) {
            printf("no gate judges what answers say, so wrong answers in good form are not found; add golden, judge,"
                    + " embedding, normalised or another such gate%n");
        }
        printf(
                "no stage ends before %d compared conversations; a slice counts its own conversations, so one with"
                        + " 2 %% of the traffic needs 50 times as many in total%n",
                GatewayPlan.CONVERSATIONS_BEFORE_SLICES);
        printOperations(read.operations());
    }

    /// Prints the levels, hours and notifications.
    private void printOperations(OperationSettings operations) {
        for (LevelGate level : operations.levels()) {
            printf(
                    "gate %s asks %s every %d s; %s, and %s%n",
                    level.name(),
                    level.check().service(),
                    level.every().toSeconds(),
                    level.promotes() ? "a stage ends only on a pass" : "no stage waits for it",
                    level.retreats()
                            ? level.failures() + " failures in a row cause a retreat"
                            : "failures cause no retreat");
        }
        operations.hours().ifPresent(hours -> printf("promotions wait for %s; retreats do not%n", hours));
        operations.notifications().forEach(service -> printf("decisions and alarms go to %s%n", service));
    }

    private void print(GatewayPlan read, String name, GateMeasure measure) {
        printf(
                ROW,
                name,
                tolerance(measure),
                estimate(read, new Estimate(measure, true, 0)),
                measure instanceof GateMeasure.Difference ? estimate(read, new Estimate(measure, true, DIFFERING)) : "",
                estimate(read, new Estimate(measure, false, 1)),
                estimate(read, new Estimate(measure, false, SOME)),
                estimate(read, new Estimate(measure, false, FEW)));
    }

    private static String tolerance(GateMeasure measure) {
        return switch (measure) {
            case GateMeasure.Difference difference -> Double.toString(difference.tolerance());
            case GateMeasure.Exceedance exceedance -> Double.toString(exceedance.tolerance());
            case GateMeasure.Rate rate -> "rate " + rate.limit();
            case GateMeasure.Latency latency -> latency.seconds() + " s";
            case GateMeasure.RelativeLatency latency -> "times " + latency.times();
        };
    }

    private String estimate(GatewayPlan read, Estimate estimate) {
        return estimates.computeIfAbsent(
                estimate,
                one -> words(
                        one,
                        one.isClearance()
                                ? ExpectedLength.untilCleared(
                                        one.measure(), read.evidence().promoteErrorOf(1), one.share())
                                : ExpectedLength.untilRetreat(one.measure(), read.retreatRule(), one.share())));
    }

    private static String words(Estimate estimate, ExpectedLength length) {
        OptionalInt median = length.median();
        if (median.isPresent()) {
            return Integer.toString(median.getAsInt());
        }
        boolean isAllowed = !estimate.isClearance()
                && estimate.share() <= estimate.measure().bound();
        return isAllowed ? "allowed" : "> " + ExpectedLength.MAX_CONVERSATIONS;
    }

    /// Prints what a gate counts if that is not compared conversations.
    private void printNote(RolloutGate gate) {
        switch (gate.check()) {
            case GoldenCheck golden ->
                printf(
                        "gate %s counts golden questions, one every %d s%n",
                        gate.name(), golden.every().toSeconds());
            case FeedbackCheck _ ->
                printf(
                        "gate %s counts pairs of verdicts, one on each side, so it decides nothing without users who"
                                + " give them%n",
                        gate.name());
            case DepartureCheck _ ->
                printf("gate %s counts conversations that the candidate answers, so none in shadow%n", gate.name());
            default -> {
                // Counts compared conversations.
            }
        }
    }
}
