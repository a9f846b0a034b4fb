package dev.saiki.cli;

import dev.saiki.cli.audit.AuditConsistencyCommand;
import dev.saiki.cli.audit.AuditRecordsCommand;
import dev.saiki.cli.audit.AuditRouterCommand;
import dev.saiki.cli.bench.BenchEngineCommand;
import dev.saiki.cli.bench.BenchServeCommand;
import dev.saiki.cli.certificate.CertifyBaseCommand;
import dev.saiki.cli.certificate.CertifyCheckCommand;
import dev.saiki.cli.certificate.CertifyEffortCommand;
import dev.saiki.cli.chat.ChatCommand;
import dev.saiki.cli.demo.OwnModelCommand;
import dev.saiki.cli.evaluation.CalibrateCommand;
import dev.saiki.cli.evaluation.EvalChatCommand;
import dev.saiki.cli.evaluation.EvalCommand;
import dev.saiki.cli.evaluation.EvalScoreCommand;
import dev.saiki.cli.evaluation.EvalTradeoffCommand;
import dev.saiki.cli.model.DescribeCommand;
import dev.saiki.cli.model.ExportCommand;
import dev.saiki.cli.model.GenerateCommand;
import dev.saiki.cli.model.ImportCommand;
import dev.saiki.cli.model.ShrinkCommand;
import dev.saiki.cli.model.VerifyCommand;
import dev.saiki.cli.rollout.RolloutMoveCommand;
import dev.saiki.cli.rollout.RolloutServeCommand;
import dev.saiki.cli.rollout.RolloutStatusCommand;
import dev.saiki.cli.serving.KeysAddCommand;
import dev.saiki.cli.serving.KeysListCommand;
import dev.saiki.cli.serving.KeysRevokeCommand;
import dev.saiki.cli.serving.ServeCommand;
import dev.saiki.cli.serving.ServeHelp;
import dev.saiki.cli.study.PilotCommand;
import dev.saiki.cli.study.ReportCommand;
import dev.saiki.cli.study.RoiCommand;
import dev.saiki.cli.study.StudyCommand;
import dev.saiki.cli.terminal.Console;
import dev.saiki.cli.training.DataPrepareCommand;
import dev.saiki.cli.training.DataProbesCommand;
import dev.saiki.cli.training.DescribeTrainingCommand;
import dev.saiki.cli.training.TokenizerTrainCommand;
import dev.saiki.cli.training.TrainCommand;
import dev.saiki.cli.training.TrainInitCommand;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;

/// A top-level command of `saiki`, in the order of the help.
///
/// Building a command's model takes picocli about ten milliseconds, so a run builds only the command it needs.
enum Subcommand {
    GENERATE(Subject.TRY),
    CHAT(Subject.TRY),
    DEMO(Subject.TRY),
    DESCRIBE(Subject.TRY),
    SERVE(Subject.SERVE),
    KEYS(Subject.SERVE),
    AUDIT(Subject.SERVE),
    ROLLOUT(Subject.SERVE),
    BENCH(Subject.SERVE),
    IMPORT(Subject.MODELS),
    EXPORT(Subject.MODELS),
    SHRINK(Subject.MODELS),
    VERIFY(Subject.MODELS),
    PILOT(Subject.DECIDE),
    EVAL(Subject.DECIDE),
    CALIBRATE(Subject.DECIDE),
    CERTIFY(Subject.DECIDE),
    STUDY(Subject.DECIDE),
    REPORT(Subject.DECIDE),
    ROI(Subject.DECIDE),
    TOKENIZER(Subject.TRAIN),
    DATA(Subject.TRAIN),
    TRAIN(Subject.TRAIN),
    DOCTOR(Subject.HELP),
    COMPLETION(Subject.HELP),
    HELP(Subject.HELP),
    VERSION(Subject.HELP);

    private final Subject subject;

    Subcommand(Subject subject) {
        this.subject = subject;
    }

    /// A heading in the list of commands.
    enum Subject {
        TRY("Try it"),
        SERVE("Serve models"),
        MODELS("Bring, change and check models"),
        DECIDE("Measure and decide"),
        TRAIN("Train"),
        HELP("This tool");

        private final String title;

        Subject(String title) {
            this.title = title;
        }

        String title() {
            return title;
        }

        /// The commands under this heading.
        List<Subcommand> commands() {
            return Arrays.stream(Subcommand.values())
                    .filter(command -> command.subject == this)
                    .toList();
        }
    }

    /// Finds a command by its name.
    static Optional<Subcommand> called(String word) {
        return Arrays.stream(values())
                .filter(subcommand -> subcommand.word().equals(word))
                .findFirst();
    }

    /// The command's name.
    String word() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// Builds the model of this command and of the commands below it.
    CommandLine model(Console console) {
        return switch (this) {
            case GENERATE -> new CommandLine(new GenerateCommand(console));
            case CHAT -> new CommandLine(new ChatCommand(console));
            case DEMO ->
                group("See what Saiki is for, on your own text, in a few minutes.", new OwnModelCommand(console));
            case DESCRIBE -> with(new DescribeCommand(console), new DescribeTrainingCommand(console));
            case SERVE -> ServeHelp.shortenIn(new CommandLine(new ServeCommand(console)));
            case KEYS -> keys(console);
            case AUDIT -> audit(console);
            case ROLLOUT -> rollout(console);
            case BENCH -> bench(console);
            case IMPORT -> new CommandLine(new ImportCommand(console));
            case EXPORT -> new CommandLine(new ExportCommand(console));
            case SHRINK -> new CommandLine(new ShrinkCommand(console));
            case VERIFY -> new CommandLine(new VerifyCommand(console));
            case PILOT -> new CommandLine(new PilotCommand(console));
            case EVAL ->
                with(
                        new EvalCommand(console),
                        new EvalScoreCommand(console),
                        new EvalChatCommand(console),
                        new EvalTradeoffCommand(console));
            case CALIBRATE -> new CommandLine(new CalibrateCommand(console));
            case CERTIFY -> certify(console);
            case STUDY -> new CommandLine(new StudyCommand(console));
            case REPORT -> new CommandLine(new ReportCommand(console));
            case ROI -> new CommandLine(new RoiCommand(console));
            case TOKENIZER ->
                group("Train a tokenizer (byte-level BPE) on your text.", new TokenizerTrainCommand(console));
            case DATA ->
                group(
                        "Turn text into training data, or generate test problems of known difficulty.",
                        new DataPrepareCommand(console),
                        new DataProbesCommand(console));
            case TRAIN -> with(new TrainCommand(console), new TrainInitCommand(console));
            case DOCTOR -> new CommandLine(new DoctorCommand(console));
            case COMPLETION -> new CommandLine(new CompletionCommand(console));
            case HELP -> new CommandLine(new HelpCommand(console));
            case VERSION -> new CommandLine(new VersionCommand(console));
        };
    }

    private CommandLine keys(Console console) {
        return group(
                "Create, list and revoke API keys for `saiki serve --api-keys`.",
                new KeysAddCommand(console),
                new KeysListCommand(console),
                new KeysRevokeCommand(console));
    }

    private CommandLine audit(Console console) {
        return group(
                "Look up recorded requests; audit a model's router and consistency.",
                new AuditRecordsCommand(console),
                new AuditRouterCommand(console),
                new AuditConsistencyCommand(console));
    }

    private CommandLine rollout(Console console) {
        return group(
                "Replace one served model by another step by step, backed by statistical tests.",
                new RolloutServeCommand(console),
                new RolloutStatusCommand(console),
                new RolloutMoveCommand.Promote(console),
                new RolloutMoveCommand.Adjust(console),
                new RolloutMoveCommand.Abort(console),
                new RolloutMoveCommand.Pause(console));
    }

    private CommandLine certify(Console console) {
        return group(
                "Certify that a model's lower efforts, or its first pass, meet a stated bound.",
                new CertifyEffortCommand(console),
                new CertifyBaseCommand(console),
                new CertifyCheckCommand(console));
    }

    private CommandLine bench(Console console) {
        return group(
                "Measure the speed of a model or a server on this machine.",
                new BenchEngineCommand.Prefill(console),
                new BenchEngineCommand.Decode(console),
                new BenchServeCommand(console));
    }

    /// Builds only what the command line needs: if the next word names a subcommand, this command's own options
    /// are left out, since picocli would demand the required ones.
    CommandLine model(Console console, Optional<String> nextWord) {
        CommandLine whole = model(console);
        return nextWord.flatMap(
                        word -> Optional.ofNullable(whole.getSubcommands().get(word)))
                .map(child -> new CommandLine(CommandSpec.create().name(word())).addSubcommand(child))
                .orElse(whole);
    }

    /// A command that only groups others.
    private CommandLine group(String description, Object... commands) {
        CommandSpec group = CommandSpec.create().name(word());
        group.usageMessage().description(description).synopsisSubcommandLabel("COMMAND");
        return with(group, commands);
    }

    private static CommandLine with(Object parent, Object... commands) {
        CommandLine model = new CommandLine(parent);
        if (!(parent instanceof CommandSpec)) {
            model.getCommandSpec().usageMessage().synopsisSubcommandLabel("[COMMAND]");
        }
        Arrays.stream(commands).forEach(model::addSubcommand);
        return model;
    }
}
