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

    @Option(names = "--reason", paramLabel = "TEXT", required = true)
    private String reason = "";

    /// The path to which the request is sent.
    abstract String path();

    /// Adds further fields to the request, if the command has any.
    void addTo(ObjectNode body) {
        // The reason suffices by default.
    }

    @Override
    protected void run() throws IOException {
        ObjectNode body = JsonOutput.object();
        body.put("reason", reason);
        addTo(body);
        ObjectNode status = gateway.post(path(), body);
        printLine(() -> status, () -> RolloutReport.print(console.out(), status));
    }

    /// `saiki rollout promote`: moves to the next stage.
    @Command(name = "promote")
    public static final class Promote extends RolloutMoveCommand {

        @Option(names = "--force")
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
    @Command(name = "adjust")
    public static final class Adjust extends RolloutMoveCommand {

        @ArgGroup(multiplicity = "1")
        private Which which = new Which();

        /// The choice between another model and the previous one.
        static final class Which {

            @Option(names = "--model", paramLabel = "FOLDER")
            private @Nullable String model;

            @Option(names = "--back")
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
    @Command(name = "abort")
    public static final class Abort extends RolloutMoveCommand {

        @Override
        String path() {
            return "/rollout/abort";
        }
    }

    /// `saiki rollout pause`: blocks the next stage until the rollout is resumed.
    @Command(name = "pause")
    public static final class Pause extends RolloutMoveCommand {

        @Option(names = "--resume")
        private boolean resume;

        @Override
        String path() {
            return resume ? "/rollout/resume" : "/rollout/pause";
        }
    }
}
