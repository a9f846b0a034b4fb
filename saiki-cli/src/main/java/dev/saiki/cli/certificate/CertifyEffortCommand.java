package dev.saiki.cli.certificate;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.provenance.EffortCertificate;
import dev.saiki.checkpoint.provenance.Provenance;
import dev.saiki.cli.evaluation.ScoringModel;
import dev.saiki.cli.model.LoadedModel;
import dev.saiki.cli.model.ScoringOptions;
import dev.saiki.cli.terminal.ExitCode;
import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.cli.terminal.OutputPaths;
import dev.saiki.engine.settings.WeightFormat;
import dev.saiki.eval.certificate.ConversationReader;
import dev.saiki.eval.certificate.EffortCertifier;
import dev.saiki.eval.certificate.RiskTest;
import dev.saiki.eval.certificate.ScoredConversation;
import dev.saiki.evidence.DriftTest;
import dev.saiki.text.chat.ChatEncoder;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Clock;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `saiki certify effort`: finds and certifies the lowest effort whose risks against the reference depth are below
/// a limit.
@Command(name = "effort")
public final class CertifyEffortCommand extends JsonCommand {

    private static final int BATCH_SIZE = 32;
    private static final int GOOD_ANSWERS = 10_000;
    private static final String ROW = "%-8s  %7s  %9s  %9s  %9s  %s%n";

    @Option(names = "--model", paramLabel = "DIR", required = true)
    private Path model = Path.of("");

    @Option(names = "--prompts", paramLabel = "PATH", arity = "1..*", required = true)
    private List<Path> prompts = new ArrayList<>();

    @Option(names = "--risk", paramLabel = "R")
    private double risk = 0.02;

    @Option(names = "--confidence", paramLabel = "C")
    private double confidence = 0.95;

    @Option(names = "--efforts", paramLabel = "E", split = ",")
    private List<Double> efforts = new ArrayList<>();

    @Option(names = "--weights", paramLabel = "TYPE")
    private @Nullable WeightFormat weights;

    @Option(names = "--out", paramLabel = "DIR", required = true)
    private Path out = Path.of("");

    @Override
    protected void run() throws IOException {
        OutputPaths.requireNewOrEmpty(out);
        RiskTest test = new RiskTest(risk, confidence);
        CheckpointDirectory checkpoint = CheckpointDirectory.open(model);
        OutputPaths.requireOutside(out, model);
        WeightFormat format = weights != null
                ? weights
                : WeightFormat.stored(checkpoint.tensors().values());
        EffortCertifier certifier = new EffortCertifier(checkpoint, format.key(), efforts, test);
        Tokenizer tokenizer = LoadedModel.tokenizerOf(checkpoint);
        ChatEncoder encoder = ChatEncoder.of(checkpoint.path(), tokenizer, Clock.systemUTC());
        List<ScoredConversation> conversations =
                new ConversationReader(encoder, tokenizer, checkpoint.config().maxPositionEmbeddings()).read(prompts);
        note(certifier.requirement(conversations));
        String name = prompts.stream().map(Path::toString).collect(Collectors.joining(", "));
        ScoringOptions.Computing engine =
                format == WeightFormat.FLOAT32 ? ScoringOptions.Computing.TORCH : ScoringOptions.Computing.CPU;
        EffortCertifier.Outcome outcome;
        try (ScoringModel scorer = ScoringModel.open(checkpoint, engine, format, BATCH_SIZE)) {
            outcome = certifier.certify(name, conversations, scorer, InstantSource.system(), this::note);
        }
        if (outcome.certificate().isEmpty()) {
            print(outcome.tests());
            note("saiki: no effort passed the test at this risk and confidence, so no copy was written; allow a"
                    + " larger --risk, or give more conversations");
            exit(ExitCode.FAILED);
            return;
        }
        write(checkpoint, outcome, outcome.certificate().get());
    }

    private void write(CheckpointDirectory checkpoint, EffortCertifier.Outcome outcome, EffortCertificate certificate)
            throws IOException {
        Manifest manifest = checkpoint.manifest().orElseGet(Manifest::untrained).with(certificate);
        checkpoint.writeChanged(out, outcome.config(), Map.of(), manifest);
        print(Provenance.json(certificate).put("out", out.toString()), () -> {
            print(outcome.tests());
            printf(
                    "certified: at effort %s both risks are below %s against depth %d, with confidence %s%n",
                    certificate.effort(), certificate.limit(), certificate.referenceDepth(), certificate.confidence());
            println("copy with the certificate in " + out);
        });
        note("live answers can revoke it (serve --effort certified --rescore-fraction): if, after "
                + GOOD_ANSWERS + " rescored answers without loss, a risk rises to twice the limit, it takes "
                + answersUntilRevoked(certificate, 2) + " rescored answers in 9 of 10 cases; at four times the limit "
                + answersUntilRevoked(certificate, 4));
    }

    /// The number of rescored answers within which a server revokes the certificate after a risk has risen.
    private static String answersUntilRevoked(EffortCertificate certificate, int timesLimit) {
        double risk = Math.min(1, timesLimit * certificate.limit());
        OptionalInt most = DriftTest.delay(certificate.limit(), certificate.revocationError(), GOOD_ANSWERS, risk);
        return most.isPresent() ? "at most " + most.getAsInt() : "over 100000";
    }

    private void print(List<EffortCertificate.Test> tests) {
        PrintStream table = json ? console.err() : console.out();
        table.printf(ROW, "effort", "depth", "loss", "flipped", "p-value", "");
        for (EffortCertificate.Test tested : tests) {
            table.printf(
                    ROW,
                    tested.effort(),
                    NumberFormats.text("%.3f", tested.meanDepth()),
                    NumberFormats.text("%.5f", tested.lossIncrease()),
                    NumberFormats.text("%.5f", tested.flipped()),
                    NumberFormats.text("%.2g", tested.pValue()),
                    tested.passed() ? "passes" : "fails");
        }
    }
}
