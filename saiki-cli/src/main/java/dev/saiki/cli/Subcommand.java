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
import dev.saiki.cli.evaluation.EvalProblemsCommand;
import dev.saiki.cli.evaluation.EvalScoreCommand;
import dev.saiki.cli.evaluation.EvalTradeoffCommand;
import dev.saiki.cli.evaluation.EvalWeightsCommand;
import dev.saiki.cli.evaluation.QuantizeCommand;
import dev.saiki.cli.model.DescribeCommand;
import dev.saiki.cli.model.ExportCommand;
import dev.saiki.cli.model.GenerateCommand;
import dev.saiki.cli.model.ImportCommand;
import dev.saiki.cli.model.ShrinkCommand;
import dev.saiki.cli.model.VerifyCommand;
import dev.saiki.cli.rollout.RolloutCheckCommand;
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
import dev.saiki.cli.training.DataProblemsCommand;
import dev.saiki.cli.training.DescribeTrainingCommand;
import dev.saiki.cli.training.TokenizerTrainCommand;
import dev.saiki.cli.training.TrainCommand;
import dev.saiki.cli.training.TrainInitCommand;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;

/// The top-level commands of `saiki`, in the order of the help.
///
/// Building a command's model takes picocli about ten milliseconds, so the program builds only the command that it
/// needs. This class avoids lambdas with picocli's types, since the JVM's class archive cannot contain them.
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
    QUANTIZE(Subject.MODELS),
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

    /// Creates this command, if it is not only a group, followed by its subcommands; none has a console yet.
    ///
    /// Constructor references in the constants would load the classes of all commands at every start.
    private List<ConsoleCommand> create() {
        return switch (this) {
            case GENERATE -> List.of(new GenerateCommand());
            case CHAT -> List.of(new ChatCommand());
            case DEMO -> List.of(new OwnModelCommand());
            case DESCRIBE -> List.of(new DescribeCommand(), new DescribeTrainingCommand());
            case SERVE -> List.of(new ServeCommand());
            case KEYS -> List.of(new KeysAddCommand(), new KeysListCommand(), new KeysRevokeCommand());
            case AUDIT -> List.of(new AuditRecordsCommand(), new AuditRouterCommand(), new AuditConsistencyCommand());
            case ROLLOUT ->
                List.of(
                        new RolloutServeCommand(),
                        new RolloutCheckCommand(),
                        new RolloutStatusCommand(),
                        new RolloutMoveCommand.Promote(),
                        new RolloutMoveCommand.Adjust(),
                        new RolloutMoveCommand.Abort(),
                        new RolloutMoveCommand.Pause());
            case BENCH ->
                List.of(new BenchEngineCommand.Prefill(), new BenchEngineCommand.Decode(), new BenchServeCommand());
            case IMPORT -> List.of(new ImportCommand());
            case EXPORT -> List.of(new ExportCommand());
            case SHRINK -> List.of(new ShrinkCommand());
            case VERIFY -> List.of(new VerifyCommand());
            case PILOT -> List.of(new PilotCommand());
            case EVAL ->
                List.of(
                        new EvalCommand(),
                        new EvalScoreCommand(),
                        new EvalChatCommand(),
                        new EvalTradeoffCommand(),
                        new EvalProblemsCommand(),
                        new EvalWeightsCommand());
            case CALIBRATE -> List.of(new CalibrateCommand());
            case QUANTIZE -> List.of(new QuantizeCommand());
            case CERTIFY -> List.of(new CertifyEffortCommand(), new CertifyBaseCommand(), new CertifyCheckCommand());
            case STUDY -> List.of(new StudyCommand());
            case REPORT -> List.of(new ReportCommand());
            case ROI -> List.of(new RoiCommand());
            case TOKENIZER -> List.of(new TokenizerTrainCommand());
            case DATA -> List.of(new DataPrepareCommand(), new DataProblemsCommand());
            case TRAIN -> List.of(new TrainCommand(), new TrainInitCommand());
            case DOCTOR -> List.of(new DoctorCommand());
            case COMPLETION -> List.of(new CompletionCommand());
            case HELP -> List.of(new HelpCommand());
            case VERSION -> List.of(new VersionCommand());
        };
    }

    /// A heading in the list of commands.
    enum Subject {
        TRY("Try it"),
        SERVE("Serve models"),
        MODELS("Import, change and check models"),
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
        List<ConsoleCommand> commands = create();
        boolean isGroup = !isOwn(commands.getFirst());
        CommandLine parent =
                isGroup ? new CommandLine(CommandSpec.create().name(word())) : modelOf(commands.getFirst(), console);
        for (ConsoleCommand below : commands.subList(isGroup ? 0 : 1, commands.size())) {
            parent.addSubcommand(modelOf(below, console));
        }
        if (isGroup || commands.size() > 1) {
            parent.getCommandSpec().usageMessage().synopsisSubcommandLabel(isGroup ? "COMMAND" : "[COMMAND]");
        }
        return this == SERVE ? ServeHelp.shortenIn(parent) : parent;
    }

    /// Whether a command has this command's name; the first command of a mere group has another.
    private boolean isOwn(ConsoleCommand command) {
        return nameOf(command).equals(word());
    }

    private static String nameOf(ConsoleCommand command) {
        return Objects.requireNonNull(command.getClass().getAnnotation(Command.class))
                .name();
    }

    private static CommandLine modelOf(ConsoleCommand command, Console console) {
        command.attach(console);
        return new CommandLine(command);
    }

    /// Builds only the part of the model that the command line needs: if the next word names a subcommand,
    /// this command's own options are left out, because picocli would otherwise demand the required ones.
    CommandLine model(Console console, Optional<String> nextWord) {
        Optional<ConsoleCommand> below = nextWord.flatMap(this::below);
        return below.isPresent()
                ? new CommandLine(CommandSpec.create().name(word())).addSubcommand(modelOf(below.get(), console))
                : model(console);
    }

    /// Finds a command below this one by its name.
    private Optional<ConsoleCommand> below(String word) {
        return create().stream()
                .filter(command -> !isOwn(command) && nameOf(command).equals(word))
                .findFirst();
    }
}
