package dev.saiki.cli;

import dev.saiki.cli.bench.BenchCommand;
import dev.saiki.cli.bench.BenchEngineCommand;
import dev.saiki.cli.bench.BenchServeCommand;
import dev.saiki.cli.chat.ChatCommand;
import dev.saiki.cli.demo.DemoCommand;
import dev.saiki.cli.demo.OwnModelCommand;
import dev.saiki.cli.evaluation.AuditConsistencyCommand;
import dev.saiki.cli.evaluation.AuditRouterCommand;
import dev.saiki.cli.evaluation.CalibrateCommand;
import dev.saiki.cli.evaluation.CalibrateEffortCommand;
import dev.saiki.cli.evaluation.CertifyOnePassCommand;
import dev.saiki.cli.evaluation.EvalChatCommand;
import dev.saiki.cli.evaluation.EvalCommand;
import dev.saiki.cli.evaluation.PilotCommand;
import dev.saiki.cli.evaluation.ReportCommand;
import dev.saiki.cli.evaluation.RoiCommand;
import dev.saiki.cli.evaluation.StudyCommand;
import dev.saiki.cli.evaluation.TradeoffCommand;
import dev.saiki.cli.model.DescribeCommand;
import dev.saiki.cli.model.ExportCommand;
import dev.saiki.cli.model.GenerateCommand;
import dev.saiki.cli.model.ImportCommand;
import dev.saiki.cli.model.MergeAdapterCommand;
import dev.saiki.cli.model.ScoreCommand;
import dev.saiki.cli.model.ShrinkCommand;
import dev.saiki.cli.model.VerifyCommand;
import dev.saiki.cli.serving.AuditCommand;
import dev.saiki.cli.serving.GatewayCommand;
import dev.saiki.cli.serving.KeysAddCommand;
import dev.saiki.cli.serving.KeysCommand;
import dev.saiki.cli.serving.KeysListCommand;
import dev.saiki.cli.serving.KeysRevokeCommand;
import dev.saiki.cli.serving.RolloutCommand;
import dev.saiki.cli.serving.RolloutMoveCommand;
import dev.saiki.cli.serving.RolloutStatusCommand;
import dev.saiki.cli.serving.ServeCommand;
import dev.saiki.cli.terminal.Console;
import dev.saiki.cli.training.DataCommand;
import dev.saiki.cli.training.DataPrepareCommand;
import dev.saiki.cli.training.DataProbesCommand;
import dev.saiki.cli.training.InitCommand;
import dev.saiki.cli.training.PlanTrainingCommand;
import dev.saiki.cli.training.TokenizerCommand;
import dev.saiki.cli.training.TokenizerTrainCommand;
import dev.saiki.cli.training.TrainCommand;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine;

/// A subcommand of `saiki`, in the order of the help.
///
/// Building the model of one takes picocli some ten milliseconds, so what runs a single command builds no other.
enum Subcommand {
    PILOT,
    DEMO,
    TOKENIZER,
    DATA,
    TRAIN,
    PLAN_TRAINING,
    INIT,
    IMPORT,
    EXPORT,
    MERGE_ADAPTER,
    SHRINK,
    VERIFY,
    DESCRIBE,
    SCORE,
    EVAL,
    EVAL_CHAT,
    STUDY,
    TRADEOFF,
    AUDIT_ROUTER,
    AUDIT_CONSISTENCY,
    CALIBRATE,
    CALIBRATE_EFFORT,
    CERTIFY_ONE_PASS,
    REPORT,
    ROI,
    GENERATE,
    CHAT,
    SERVE,
    AUDIT,
    KEYS,
    GATEWAY,
    ROLLOUT,
    BENCH,
    DOCTOR,
    COMPLETION,
    HELP,
    VERSION;

    /// Finds a subcommand by the word that calls it.
    static Optional<Subcommand> called(String word) {
        return Arrays.stream(values())
                .filter(subcommand -> subcommand.word().equals(word))
                .findFirst();
    }

    /// The word that calls it.
    String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /// Builds its model of options and, for a group, of subcommands.
    CommandLine model(Console console) {
        return switch (this) {
            case PILOT -> new CommandLine(new PilotCommand(console));
            case DEMO -> new CommandLine(new DemoCommand()).addSubcommand(new OwnModelCommand(console));
            case TOKENIZER -> new CommandLine(new TokenizerCommand()).addSubcommand(new TokenizerTrainCommand(console));
            case DATA ->
                new CommandLine(new DataCommand())
                        .addSubcommand(new DataPrepareCommand(console))
                        .addSubcommand(new DataProbesCommand(console));
            case TRAIN -> new CommandLine(new TrainCommand(console));
            case PLAN_TRAINING -> new CommandLine(new PlanTrainingCommand(console));
            case INIT -> new CommandLine(new InitCommand(console));
            case IMPORT -> new CommandLine(new ImportCommand(console));
            case EXPORT -> new CommandLine(new ExportCommand(console));
            case MERGE_ADAPTER -> new CommandLine(new MergeAdapterCommand(console));
            case SHRINK -> new CommandLine(new ShrinkCommand(console));
            case VERIFY -> new CommandLine(new VerifyCommand(console));
            case DESCRIBE -> new CommandLine(new DescribeCommand(console));
            case SCORE -> new CommandLine(new ScoreCommand(console));
            case EVAL -> new CommandLine(new EvalCommand(console));
            case EVAL_CHAT -> new CommandLine(new EvalChatCommand(console));
            case STUDY -> new CommandLine(new StudyCommand(console));
            case TRADEOFF -> new CommandLine(new TradeoffCommand(console));
            case AUDIT_ROUTER -> new CommandLine(new AuditRouterCommand(console));
            case AUDIT_CONSISTENCY -> new CommandLine(new AuditConsistencyCommand(console));
            case CALIBRATE -> new CommandLine(new CalibrateCommand(console));
            case CALIBRATE_EFFORT -> new CommandLine(new CalibrateEffortCommand(console));
            case CERTIFY_ONE_PASS -> new CommandLine(new CertifyOnePassCommand(console));
            case REPORT -> new CommandLine(new ReportCommand(console));
            case ROI -> new CommandLine(new RoiCommand(console));
            case GENERATE -> new CommandLine(new GenerateCommand(console));
            case CHAT -> new CommandLine(new ChatCommand(console));
            case SERVE -> new CommandLine(new ServeCommand(console));
            case AUDIT -> new CommandLine(new AuditCommand(console));
            case KEYS ->
                new CommandLine(new KeysCommand())
                        .addSubcommand(new KeysAddCommand(console))
                        .addSubcommand(new KeysListCommand(console))
                        .addSubcommand(new KeysRevokeCommand(console));
            case GATEWAY -> new CommandLine(new GatewayCommand(console));
            case ROLLOUT ->
                new CommandLine(new RolloutCommand())
                        .addSubcommand(new RolloutStatusCommand(console))
                        .addSubcommand(new RolloutMoveCommand.Promote(console))
                        .addSubcommand(new RolloutMoveCommand.Adjust(console))
                        .addSubcommand(new RolloutMoveCommand.Abort(console))
                        .addSubcommand(new RolloutMoveCommand.Pause(console));
            case BENCH ->
                new CommandLine(new BenchCommand())
                        .addSubcommand(new BenchEngineCommand.Prefill(console))
                        .addSubcommand(new BenchEngineCommand.Decode(console))
                        .addSubcommand(new BenchServeCommand(console));
            case DOCTOR -> new CommandLine(new DoctorCommand(console));
            case COMPLETION -> new CommandLine(new CompletionCommand(console));
            case HELP -> new CommandLine(new HelpCommand(console));
            case VERSION -> new CommandLine(new VersionCommand(console));
        };
    }
}
