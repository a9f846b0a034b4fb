package dev.saiki.cli.demo;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.provenance.VerificationStatistics;
import dev.saiki.cli.model.CertificateText;
import dev.saiki.cli.terminal.Console;
import dev.saiki.cli.training.TrainingDisplay;
import dev.saiki.convert.ModelImport;
import dev.saiki.eval.verify.Disagreements;
import dev.saiki.eval.verify.ModelBounds;
import dev.saiki.eval.verify.ReferenceFile;
import dev.saiki.eval.verify.TorchLogits;
import dev.saiki.eval.verify.Verifier;
import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import dev.saiki.model.Precision;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.dataset.PrepareOptions;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.text.tokenizer.Tokenizer;
import dev.saiki.train.StepReport;
import dev.saiki.train.Trainer;
import dev.saiki.train.TrainingListener;
import dev.saiki.train.TrainingOutcome;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The steps of the demonstration of an own model, each of which leaves a folder that a later call finds done.
final class OwnModelDemo {

    /// The folder of the imported model.
    static final String BASE = "base";

    /// The folder of the training.
    static final String DEEPENED = "deepened";

    private static final String MODEL = "stories260K.bin";
    private static final String VOCABULARY = "tok512.bin";
    private static final String REFERENCE = "reference-top.jsonl";
    private static final List<String> FILES = List.of(MODEL, VOCABULARY, REFERENCE, "LICENSE");

    /// As much text as some minutes of training read, and no more, for it is encoded first.
    private static final int MOST_CHARACTERS = 4_000_000;

    private static final int PIECE = 10_000;
    private static final int TRIAL_STEPS = 6;
    private static final long MOST_STEPS = 4_000;

    /// The share of the time that is left for training by what comes before and after.
    private static final double TRAINING_SHARE = 0.7;

    private final Path out;
    private final Optional<Path> ownText;
    private final double minutes;
    private final Console console;
    private volatile boolean stopRequested;
    private volatile @Nullable Trainer running;

    OwnModelDemo(Path out, Optional<Path> ownText, double minutes, Console console) {
        this.out = out;
        this.ownText = ownText;
        this.minutes = minutes;
        this.console = console;
    }

    /// Ends the training after its step.
    void requestStop() {
        stopRequested = true;
        @Nullable Trainer trainer = running;
        if (trainer != null) {
            trainer.requestStop();
        }
    }

    /// Runs all steps that are not done.
    ///
    /// @return empty if it was stopped
    Optional<OwnModelFindings> run() throws IOException {
        Files.createDirectories(out);
        CheckpointDirectory base = base();
        String verification = verification(base);
        TokenDataset dataset = dataset(base);
        TrainingOutcome outcome = deepen(dataset);
        if (outcome.reason() == TrainingOutcome.Reason.STOPPED || stopRequested) {
            return Optional.empty();
        }
        say("measuring the deepened model against its base");
        CheckpointDirectory deepened = CheckpointDirectory.open(out.resolve(DEEPENED));
        CertificateText certificate = CertificateText.of(deepened).orElseThrow();
        return Optional.of(new DialMeasurement(base, deepened, dataset)
                .findings(
                        ownText.map(Path::toString).orElse("the built-in corpus"),
                        outcome,
                        verification,
                        certificate.line(),
                        certificate.holds()));
    }

    private CheckpointDirectory base() throws IOException {
        Path base = out.resolve(BASE);
        if (!Files.exists(base)) {
            Path source = out.resolve("source");
            AtomicFiles.deleteRecursively(source);
            AtomicFiles.writeDirectory(source, folder -> {
                for (String name : FILES) {
                    try (InputStream file = Objects.requireNonNull(
                            OwnModelDemo.class.getResourceAsStream("stories260k/" + name), name)) {
                        Files.copy(file, folder.resolve(name));
                    }
                }
            });
            ModelImport.Imported imported = ModelImport.run(
                    source.resolve(MODEL), Optional.of(source.resolve(VOCABULARY)), base, Clock.systemUTC());
            say("imported " + imported.description());
        }
        return CheckpointDirectory.open(base);
    }

    /// Whether the base computes here what PyTorch computed.
    private String verification(CheckpointDirectory base) throws IOException {
        Tokenizer tokenizer = Tokenizer.load(base.tokenizer());
        ModelBounds bounds = ModelBounds.of(base.config());
        double tolerance = 0.001;
        try (ReferenceFile reference = ReferenceFile.open(out.resolve("source").resolve(REFERENCE), bounds);
                TorchLogits computing = new TorchLogits(base, Precision.FLOAT32)) {
            VerificationStatistics seen =
                    Verifier.compare(reference, computing, Optional.of(tokenizer), bounds, tolerance, _ -> {});
            List<String> disagreements = Disagreements.of(seen, tolerance);
            String verdict = disagreements.isEmpty()
                    ? "the base computes what PyTorch computed, at all of " + seen.positions() + " positions within "
                            + tolerance
                    : "the base does NOT compute what PyTorch computed: " + String.join("; ", disagreements);
            say("verified: " + verdict);
            return verdict;
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the base was verified", interrupted);
        }
    }

    private TokenDataset dataset(CheckpointDirectory base) throws IOException {
        Path folder = out.resolve("data");
        if (!Files.exists(folder)) {
            Corpus corpus = ownText.map(path -> Corpus.of(List.of(path)))
                    .orElseGet(() -> Corpus.builtIn().withJoinedLines());
            List<Document> pieces = pieces(corpus);
            TokenDataset prepared = TokenDataset.prepare(
                    Corpus.ofDocuments(corpus.name(), pieces),
                    Tokenizer.load(base.tokenizer()),
                    folder,
                    PrepareOptions.defaults().withValidationFraction(0.1));
            say("prepared " + prepared.train().tokens() + " tokens, and "
                    + prepared.validation().tokens() + " held out");
        }
        return TokenDataset.open(folder);
    }

    private List<Document> pieces(Corpus corpus) {
        List<Document> pieces = new ArrayList<>();
        long characters = 0;
        try (Stream<Document> documents = corpus.inPieces(PIECE).documents()) {
            Iterator<Document> iterator = documents.iterator();
            while (iterator.hasNext() && characters < MOST_CHARACTERS) {
                Document piece = iterator.next();
                pieces.add(piece);
                characters += piece.text().length();
            }
        }
        if (characters < PIECE) {
            throw new InputException(
                    corpus.name() + ": the text must have at least " + PIECE + " characters, got " + characters);
        }
        if (characters >= MOST_CHARACTERS) {
            say("reading the first " + MOST_CHARACTERS / 1_000_000 + " million characters of " + corpus.name());
        }
        return pieces;
    }

    private TrainingOutcome deepen(TokenDataset dataset) throws IOException {
        Path run = out.resolve(DEEPENED);
        Path resolved = run.resolve("recipe.resolved.yaml");
        Recipe recipe = Files.exists(resolved) ? Recipe.load(resolved, List.of()) : recipe(steps());
        say("deepening on " + dataset.train().tokens() + " tokens: " + recipe.totalSteps(0) + " steps of "
                + recipe.batch().tokens());
        try (TrainingDisplay display = new TrainingDisplay(console, InstantSource.system())) {
            return train(recipe, run, display, Files.exists(resolved));
        }
    }

    private TrainingOutcome train(Recipe recipe, Path run, TrainingListener listener, boolean resume)
            throws IOException {
        Trainer trainer = new Trainer(recipe, run, listener);
        running = trainer;
        if (stopRequested) {
            trainer.requestStop();
        }
        return trainer.run(resume);
    }

    private Recipe recipe(long steps) {
        return Recipe.builtIn(
                "deepen",
                List.of(
                        "initialisation.from=" + out.resolve(BASE),
                        "data.dataset=" + out.resolve("data"),
                        "schedule.steps=" + steps,
                        "schedule.calibrate_tokens=" + Math.min(20_000, steps * 500)));
    }

    /// As many steps as fit into the time, by a few that are thrown away.
    private long steps() throws IOException {
        Path trial = out.resolve("trial");
        AtomicFiles.deleteRecursively(trial);
        double[] tokensPerSecond = {1};
        Recipe recipe = recipe(TRIAL_STEPS);
        train(
                recipe,
                trial,
                new TrainingListener() {
                    @Override
                    public void onStep(StepReport report) {
                        tokensPerSecond[0] = report.tokensPerSecond();
                    }
                },
                false);
        AtomicFiles.deleteRecursively(trial);
        double seconds = minutes * 60 * TRAINING_SHARE;
        long steps = Math.round(seconds * tokensPerSecond[0] / recipe.batch().tokens());
        return Math.clamp(steps, 4, MOST_STEPS);
    }

    private void say(String message) {
        console.err().println(String.format(Locale.ROOT, "saiki: %s", message));
        console.err().flush();
    }
}
