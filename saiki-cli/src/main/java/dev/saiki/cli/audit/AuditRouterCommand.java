package dev.saiki.cli.audit;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.cli.evaluation.MeasuredText;
import dev.saiki.cli.evaluation.UnseenTextSource;
import dev.saiki.cli.model.LoadedModel;
import dev.saiki.cli.terminal.JsonOutput;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.cli.terminal.ResultCommand;
import dev.saiki.eval.RecordJson;
import dev.saiki.eval.TokenViews;
import dev.saiki.eval.audit.AuditText;
import dev.saiki.eval.audit.RouterAudit;
import dev.saiki.eval.audit.RouterAuditListener;
import dev.saiki.eval.audit.RouterAuditOptions;
import dev.saiki.eval.audit.RouterAuditor;
import dev.saiki.io.InputException;
import dev.saiki.model.Precision;
import dev.saiki.report.Language;
import dev.saiki.report.Messages;
import dev.saiki.report.TerminalSummary;
import dev.saiki.report.findings.AuditSections;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// `saiki audit router`: measures the benefit of each further recursion, and whether the router beats simpler
/// choices.
@Command(name = "router")
public final class AuditRouterCommand extends ResultCommand {

    /// The minimum number of tokens for choosing the depth that servers fall back to.
    private static final int MIN_TOKENS = 1000;

    @Option(names = "--model", paramLabel = "DIR", required = true)
    private Path model = Path.of("");

    @Mixin
    private UnseenTextSource source = new UnseenTextSource();

    @Option(names = "--windows", paramLabel = "N")
    private int windows = RouterAuditOptions.DEFAULT_WINDOWS;

    @Option(names = "--samples", paramLabel = "N")
    private int samples = RouterAuditOptions.DEFAULT_SAMPLES;

    @Option(names = "--seed", paramLabel = "N")
    private long seed = 0;

    @Option(names = "--effort", paramLabel = "E")
    private double effort = Double.NaN;

    @Option(
            names = "--share",
            paramLabel = "S",
            description = "Share of the tokens, in (0, 1), that each compared rule sends to the next step (default: the"
                    + " router's share; without a router "
                    + RouterAuditOptions.SHARE_WITHOUT_ROUTER + ").")
    private double share = Double.NaN;

    @Option(names = "--write-reference-depth")
    private boolean writesReferenceDepth;

    @Override
    protected void run() throws IOException {
        RouterAuditOptions options =
                new RouterAuditOptions(windows, samples, seed, effort, RouterAuditOptions.DEFAULT_TOLERANCE, share);
        try (LoadedModel loaded = LoadedModel.open(model, Precision.FLOAT32)) {
            loaded.requireEffort(effort);
            if (writesReferenceDepth && !loaded.config().isRouted()) {
                throw new InputException("--write-reference-depth: " + model
                        + " has no router, so servers need no reference depth; omit the option");
            }
            Tokenizer tokenizer = loaded.tokenizer();
            RouterAuditor auditor = new RouterAuditor(loaded.scorer()::trace, loaded.config(), tokenizer, options);
            AuditText text = text(tokenizer);
            if (writesReferenceDepth) {
                requireTokens(auditor.tokens(text));
            }
            RouterAudit audit = auditor.audit(model.toString(), text, Clock.systemUTC(), new Progress());
            if (writesReferenceDepth) {
                CheckpointDirectory.open(model)
                        .writeUniformDepths(audit.uniform().stream()
                                .map(uniform -> uniform.nll().mean())
                                .toList());
            }
            publish(JsonOutput.document(RecordJson.MAPPER.valueToTree(audit)), () -> {
                console.out()
                        .print(TerminalSummary.write(new AuditSections(audit, Messages.in(Language.ENGLISH)).all()));
                if (out != null) {
                    println("audit in " + out);
                }
            });
        }
    }

    /// Checks that the text is long enough to tell which uniform depth is best.
    private static void requireTokens(long tokens) {
        if (tokens < MIN_TOKENS) {
            throw new InputException("--write-reference-depth: the text must have at least "
                    + NumberFormats.count(MIN_TOKENS) + " tokens in the windows that --windows allows, got "
                    + NumberFormats.count(tokens));
        }
    }

    private AuditText text(Tokenizer tokenizer) {
        MeasuredText text = source.read(tokenizer, model);
        return text.dataset()
                .map(data -> AuditText.of(text.name(), text.documents(), TokenViews.count(data.train())))
                .orElseGet(() -> AuditText.rankedByItself(text.name(), text.documents(), tokenizer.vocabSize()));
    }

    /// The progress output of the audit, on standard error.
    private final class Progress implements RouterAuditListener {
        @Override
        public void onRouted(int windows, int total) {
            note("routed " + NumberFormats.count(windows) + "/" + NumberFormats.count(total) + " windows");
        }

        @Override
        public void onIntervened(int interventions, int total) {
            note("forced " + NumberFormats.count(interventions) + "/" + NumberFormats.count(total)
                    + " tokens to other depths");
        }
    }
}
