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
import dev.saiki.cli.terminal.ConsoleCommand;
import dev.saiki.cli.training.DataPrepareCommand;
import dev.saiki.cli.training.DataProbesCommand;
import dev.saiki.cli.training.DescribeTrainingCommand;
import dev.saiki.cli.training.TokenizerTrainCommand;
import dev.saiki.cli.training.TrainCommand;
import dev.saiki.cli.training.TrainInitCommand;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/// A top-level command of `saiki`, in the order of the help.
///
/// Building a command's model takes picocli about ten milliseconds, so a run builds only the command it needs.
enum Subcommand {
    GENERATE(Subject.TRY, GenerateCommand::new),
    CHAT(Subject.TRY, ChatCommand::new),
    DEMO(Subject.TRY, "See what Saiki is for, on your own text, in a few minutes.", OwnModelCommand::new),
    DESCRIBE(Subject.TRY, DescribeCommand::new, DescribeTrainingCommand::new),
    SERVE(Subject.SERVE, ServeCommand::new),
    KEYS(
            Subject.SERVE,
            "Create, list and revoke API keys for `saiki serve --api-keys`.",
            KeysAddCommand::new,
            KeysListCommand::new,
            KeysRevokeCommand::new),
    AUDIT(
            Subject.SERVE,
            "Look up recorded requests; audit a model's router and consistency.",
            AuditRecordsCommand::new,
            AuditRouterCommand::new,
            AuditConsistencyCommand::new),
    ROLLOUT(
            Subject.SERVE,
            "Replace one served model by another step by step, backed by statistical tests.",
            RolloutServeCommand::new,
            RolloutStatusCommand::new,
            RolloutMoveCommand.Promote::new,
            RolloutMoveCommand.Adjust::new,
            RolloutMoveCommand.Abort::new,
            RolloutMoveCommand.Pause::new),
    BENCH(
            Subject.SERVE,
            "Measure the speed of a model or a server on this machine.",
            BenchEngineCommand.Prefill::new,
            BenchEngineCommand.Decode::new,
            BenchServeCommand::new),
    IMPORT(Subject.MODELS, ImportCommand::new),
    EXPORT(Subject.MODELS, ExportCommand::new),
    SHRINK(Subject.MODELS, ShrinkCommand::new),
    VERIFY(Subject.MODELS, VerifyCommand::new),
    PILOT(Subject.DECIDE, PilotCommand::new),
    EVAL(Subject.DECIDE, EvalCommand::new, EvalScoreCommand::new, EvalChatCommand::new, EvalTradeoffCommand::new),
    CALIBRATE(Subject.DECIDE, CalibrateCommand::new),
    CERTIFY(
            Subject.DECIDE,
            "Certify that a model's lower efforts, or its first pass, meet a stated bound.",
            CertifyEffortCommand::new,
            CertifyBaseCommand::new,
            CertifyCheckCommand::new),
    STUDY(Subject.DECIDE, StudyCommand::new),
    REPORT(Subject.DECIDE, ReportCommand::new),
    ROI(Subject.DECIDE, RoiCommand::new),
    TOKENIZER(Subject.TRAIN, "Train a tokenizer (byte-level BPE) on your text.", TokenizerTrainCommand::new),
    DATA(
            Subject.TRAIN,
            "Turn text into training data, or generate test problems of known difficulty.",
            DataPrepareCommand::new,
            DataProbesCommand::new),
    TRAIN(Subject.TRAIN, TrainCommand::new, TrainInitCommand::new),
    DOCTOR(Subject.HELP, DoctorCommand::new),
    COMPLETION(Subject.HELP, CompletionCommand::new),
    HELP(Subject.HELP, HelpCommand::new),
    VERSION(Subject.HELP, VersionCommand::new);

    private final Subject subject;
    private final Optional<String> group;

    @SuppressWarnings("ImmutableEnumChecker") // An unmodifiable list of constructors.
    private final List<Maker> commands;

    /// A command with options of its own, and those below it.
    Subcommand(Subject subject, Maker command, Maker... below) {
        this.subject = subject;
        this.group = Optional.empty();
        this.commands = Stream.concat(Stream.of(command), Arrays.stream(below)).toList();
    }

    /// A command that only groups others.
    Subcommand(Subject subject, String description, Maker... commands) {
        this.subject = subject;
        this.group = Optional.of(description);
        this.commands = List.of(commands);
    }

    /// Makes a command, without a console.
    private interface Maker {

        ConsoleCommand make();
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
        List<CommandLine> models = commands.stream()
                .map(command -> modelOf(command.make(), console))
                .toList();
        CommandLine parent = group.map(this::group).orElseGet(models::getFirst);
        models.stream().skip(group.isPresent() ? 0 : 1).forEach(parent::addSubcommand);
        if (group.isEmpty() && models.size() > 1) {
            parent.getCommandSpec().usageMessage().synopsisSubcommandLabel("[COMMAND]");
        }
        return this == SERVE ? ServeHelp.shortenIn(parent) : parent;
    }

    private static CommandLine modelOf(ConsoleCommand command, Console console) {
        command.attach(console);
        return new CommandLine(command);
    }

    private CommandLine group(String description) {
        CommandSpec spec = CommandSpec.create().name(word());
        spec.usageMessage().description(description).synopsisSubcommandLabel("COMMAND");
        return new CommandLine(spec);
    }

    /// Builds only what the command line needs: if the next word names a subcommand, this command's own options
    /// are left out, since picocli would demand the required ones.
    CommandLine model(Console console, Optional<String> nextWord) {
        return nextWord.flatMap(this::below)
                .map(child -> new CommandLine(CommandSpec.create().name(word())).addSubcommand(modelOf(child, console)))
                .orElseGet(() -> model(console));
    }

    /// Finds a command below this one by its name.
    private Optional<ConsoleCommand> below(String word) {
        return commands.stream()
                .skip(group.isPresent() ? 0 : 1)
                .map(Maker::make)
                .filter(command -> Objects.requireNonNull(command.getClass().getAnnotation(Command.class))
                        .name()
                        .equals(word))
                .findFirst();
    }
}
