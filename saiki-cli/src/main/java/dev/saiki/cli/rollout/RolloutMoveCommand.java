package dev.saiki.cli.rollout;

import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.JsonOutput;
import java.io.IOException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// The base of commands that change a rollout; each requires a reason.
public abstract sealed class RolloutMoveCommand extends JsonCommand {

    @Mixin
    private GatewayOption gateway = new GatewayOption();

    @Option(names = "--reason", paramLabel = "TEXT", required = true, description = "The reason, which is recorded.")
    private String reason = "";

    /// The path to which the request is sent.
    abstract String path();

    /// Adds further fields to the request, if the command has any.
    void addTo(ObjectNode body) {
        // The reason suffices by default.
    }

    @Override
    protected void run() throws IOException, InterruptedException {
        ObjectNode body = JsonOutput.object();
        body.put("reason", reason);
        addTo(body);
        ObjectNode status = gateway.post(path(), body);
        printLine(() -> status, () -> RolloutReport.print(console.out(), status));
    }

    /// `saiki rollout promote`: moves to the next stage.
    @Command(
            name = "promote",
            description = "Start the next stage if the evidence allows it; after an abort, the first stage.")
    public static final class Promote extends RolloutMoveCommand {

        @Option(names = "--force", description = "Start the stage even if the evidence does not allow it yet.")
        private boolean force;

        @Override
        String path() {
            return "/rollout/promote";
        }

        @Override
        void addTo(ObjectNode body) {
            body.put("force", force);
        }
    }

    /// `saiki rollout adjust`: replaces the candidate's checkpoint, for example by one with other thresholds.
    @Command(
            name = "adjust",
            description =
                    "Serve another model, or other thresholds, as the candidate. The candidate runs at the reference"
                            + " depth until the next promote. Needs the right to promote.")
    public static final class Adjust extends RolloutMoveCommand {

        @ArgGroup(multiplicity = "1")
        private Which which = new Which();

        /// The choice between another model and the previous one.
        static final class Which {

            @Option(
                    names = "--model",
                    paramLabel = "FOLDER",
                    description = "The model's folder on the candidate's machine, as `saiki calibrate` writes it.")
            private @Nullable String model;

            @Option(names = "--back", description = "Return to the previous model.")
            private boolean back;
        }

        @Override
        String path() {
            return "/rollout/adjust";
        }

        @Override
        void addTo(ObjectNode body) {
            if (which.back) {
                body.put("back", true);
            } else {
                body.put("model", which.model);
            }
        }
    }

    /// `saiki rollout abort`: returns all traffic to the baseline.
    @Command(name = "abort", description = "Immediately send all traffic to the baseline.")
    public static final class Abort extends RolloutMoveCommand {

        @Override
        String path() {
            return "/rollout/abort";
        }
    }

    /// `saiki rollout pause`: blocks the next stage until the rollout is resumed.
    @Command(name = "pause", description = "Stay in this stage; the rollout still retreats if the candidate is worse.")
    public static final class Pause extends RolloutMoveCommand {

        @Option(names = "--resume", description = "Continue after a pause; needs the right to promote.")
        private boolean resume;

        @Override
        String path() {
            return resume ? "/rollout/resume" : "/rollout/pause";
        }
    }
}
