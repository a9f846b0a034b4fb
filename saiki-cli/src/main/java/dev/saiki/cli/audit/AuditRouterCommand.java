package dev.saiki.cli.audit;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.cli.model.LoadedModel;
import dev.saiki.cli.terminal.Console;
import dev.saiki.cli.terminal.ExitCode;
import dev.saiki.cli.terminal.NumberFormats;
import dev.saiki.cli.terminal.OutputPaths;
import dev.saiki.eval.TokenViews;
import dev.saiki.eval.audit.AuditText;
import dev.saiki.eval.audit.ProbeProblem;
import dev.saiki.eval.audit.RouterAudit;
import dev.saiki.eval.audit.RouterAuditFile;
import dev.saiki.eval.audit.RouterAuditListener;
import dev.saiki.eval.audit.RouterAuditOptions;
import dev.saiki.eval.audit.RouterAuditor;
import dev.saiki.io.InputException;
import dev.saiki.model.Precision;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/// `saiki audit router`: measures the benefit of each further recursion, and whether the router beats simpler
/// choices.
@Command(
        name = "router",
        description = {
            "Check whether a model's router sends the right tokens deeper.",
            "Forces single tokens to other depths and compares the router's choice with chance, with a "
                    + "prediction and with hindsight. Also measures recursive models without a router."
        })
public final class AuditRouterCommand implements Callable<Integer> {

    /// The minimum number of tokens for choosing the depth that servers fall back to.
    private static final int LEAST_TOKENS = 1000;

    private final Console console;

    @Option(names = "--model", paramLabel = "DIR", required = true, description = LoadedModel.FOLDER)
    private Path model = Path.of("");

    @ArgGroup(multiplicity = "1")
    private Source source = new Source();

    @Option(
            names = "--text-field",
            paramLabel = "NAME",
            defaultValue = Corpus.TEXT_FIELD,
            description = "Field of JSONL or column of Parquet that holds the text (default: ${DEFAULT-VALUE}).")
    private String textField = Corpus.TEXT_FIELD;

    @Option(
            names = "--probes",
            paramLabel = "FILE",
            description = "Problems of known difficulty to ask, as `saiki data probes` writes them.")
    private @Nullable Path probes;

    @Option(
            names = "--windows",
            paramLabel = "N",
            defaultValue = "" + RouterAuditOptions.DEFAULT_WINDOWS,
            description = "Most windows of text to route (default: ${DEFAULT-VALUE}).")
    private int windows;

    @Option(
            names = "--samples",
            paramLabel = "N",
            defaultValue = "" + RouterAuditOptions.DEFAULT_SAMPLES,
            description = "Tokens to force to other depths, each costing a window for every depth it did not take"
                    + " (default: ${DEFAULT-VALUE}).")
    private int samples;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "0",
            description = "Seed of the choice of tokens (default: 0).")
    private long seed;

    @Option(names = "--effort", paramLabel = "E", description = LoadedModel.EFFORT)
    private double effort = Double.NaN;

    @Option(
            names = "--share",
            paramLabel = "S",
            description = "Share of the tokens at a step that every way to choose sends on, in (0, 1) (default: as many"
                    + " as the router; without a router " + RouterAuditOptions.SHARE_WITHOUT_ROUTER + ").")
    private double share = Double.NaN;

    @Option(names = "--out", paramLabel = "FILE", description = "Also write the audit to this file, as JSON.")
    private @Nullable Path out;

    @Option(
            names = "--write-reference-depth",
            description = "Write into the checkpoint's manifest what each uniform depth loses, and the best of them,"
                    + " which servers fall back to when they cannot follow the router. Training does so by itself.")
    private boolean writesReferenceDepth;

    @Option(names = "--json", description = "Print the audit as JSON and nothing else.")
    private boolean json;

    public AuditRouterCommand(Console console) {
        this.console = console;
    }

    /// The text to route: exactly one of the two.
    private static final class Source {
        @Option(
                names = "--text",
                paramLabel = "PATH",
                arity = "1..*",
                required = true,
                description = "Texts the model has not seen: files, folders or globs.")
        private List<Path> texts = new ArrayList<>();

        @Option(
                names = "--dataset",
                paramLabel = "DIR",
                required = true,
                description = "A dataset of `saiki data prepare`; its held-out documents are used.")
        private @Nullable Path dataset;

        /// Accepts the dataset under the option's earlier name.
        @SuppressWarnings("UnusedMethod") // Picocli calls it.
        @Option(names = "--data", paramLabel = "DIR", required = true, hidden = true)
        void setData(Path data) {
            dataset = data;
        }
    }

    @Override
    public Integer call() throws IOException {
        RouterAuditOptions options =
                new RouterAuditOptions(windows, samples, seed, effort, RouterAuditOptions.DEFAULT_TOLERANCE, share);
        if (out != null) {
            OutputPaths.requireFile(out);
        }
        List<ProbeProblem> problems = probes == null ? List.of() : ProbeProblem.read(probes);
        try (LoadedModel loaded = LoadedModel.open(model, Precision.FLOAT32)) {
            loaded.requireEffort(effort);
            if (writesReferenceDepth && !loaded.config().isRouted()) {
                throw new InputException("--write-reference-depth: " + model + " has no router that servers could"
                        + " cease to follow; leave the option out");
            }
            Tokenizer tokenizer = loaded.tokenizer();
            RouterAuditor auditor = new RouterAuditor(loaded.scorer()::trace, loaded.config(), tokenizer, options);
            AuditText text = text(tokenizer);
            if (writesReferenceDepth) {
                requireTokens(auditor.tokens(text));
            }
            RouterAudit audit =
                    auditor.audit(model.toString(), text, problems, Clock.systemUTC(), new Progress(console));
            if (out != null) {
                RouterAuditFile.write(audit, out);
            }
            if (writesReferenceDepth) {
                CheckpointDirectory.open(model)
                        .writeUniformDepths(audit.uniform().stream()
                                .map(uniform -> uniform.nll().mean())
                                .toList());
            }
            if (json) {
                console.out().println(RouterAuditFile.json(audit));
            } else {
                new AuditTable(console.out()).print(audit);
                if (out != null) {
                    console.out().println("audit in " + out);
                }
            }
        }
        return ExitCode.DONE;
    }

    /// Checks that the text is long enough to tell which uniform depth is best.
    private static void requireTokens(long tokens) {
        if (tokens < LEAST_TOKENS) {
            throw new InputException("--write-reference-depth: the text must have at least "
                    + NumberFormats.count(LEAST_TOKENS) + " tokens in the windows that --windows allows, got "
                    + NumberFormats.count(tokens));
        }
    }

    private AuditText text(Tokenizer tokenizer) {
        if (source.dataset != null) {
            TokenDataset dataset = TokenDataset.open(source.dataset);
            dataset.requireTokenizer(tokenizer, model.toString());
            return AuditText.of(
                    "held-out documents of " + source.dataset,
                    TokenViews.documents(dataset.validation()),
                    TokenViews.count(dataset.train()));
        }
        Corpus corpus = Corpus.of(source.texts, textField);
        try (Stream<Document> documents = corpus.documents()) {
            return AuditText.rankedByItself(
                    corpus.name(),
                    documents.map(document -> tokenizer.encode(document.text())).toList(),
                    tokenizer.vocabSize());
        }
    }

    /// The progress output of the audit, on standard error.
    private record Progress(Console console) implements RouterAuditListener {
        @Override
        public void onRouted(int windows, int total) {
            console.err()
                    .println("routed " + NumberFormats.count(windows) + "/" + NumberFormats.count(total) + " windows");
        }

        @Override
        public void onIntervened(int interventions, int total) {
            console.err()
                    .println("forced " + NumberFormats.count(interventions) + "/" + NumberFormats.count(total)
                            + " tokens to other depths");
        }
    }
}
