package dev.saiki.cli.demo;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.adapter.AdapterDirectory;
import dev.saiki.checkpoint.adapter.AdapterMerge;
import dev.saiki.checkpoint.provenance.VerificationStatistics;
import dev.saiki.cli.model.CertificateText;
import dev.saiki.cli.model.FrozenText;
import dev.saiki.cli.model.Recipes;
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
import dev.saiki.train.RunDirectory;
import dev.saiki.train.StepReport;
import dev.saiki.train.Trainer;
import dev.saiki.train.TrainingListener;
import dev.saiki.train.TrainingOutcome;
import dev.saiki.train.plan.ParameterCount;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
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

    /// The encoded text.
    static final String DATA = "data";

    /// The folder of the imported model.
    static final String BASE = "base";

    /// The folder of the training.
    static final String DEEPENED = "deepened";

    /// The folder of the adapter that the deepened model is compared with.
    static final String ADAPTER = "adapter";

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
        Recipe deepening = resolved(DEEPENED).orElseGet(() -> deepening(steps()));
        say("deepening on " + dataset.train().tokens() + " tokens: " + deepening.totalSteps(0) + " steps of "
                + deepening.batch().tokens());
        TrainingOutcome outcome = trained(deepening, DEEPENED);
        if (isStopped(outcome)) {
            return Optional.empty();
        }
        Recipe control = resolved(ADAPTER).orElseGet(() -> control(deepening.totalSteps(0)));
        say("training the control, an adapter of as many parameters, on as many tokens");
        if (isStopped(trained(control, ADAPTER))) {
            return Optional.empty();
        }
        say("measuring the deepened model against its base and the adapter");
        CheckpointDirectory deepened = CheckpointDirectory.open(out.resolve(DEEPENED));
        CheckpointDirectory adapted = AdapterMerge.of(base, AdapterDirectory.open(out.resolve(ADAPTER)));
        return Optional.of(new DialMeasurement(base, deepened, adapted, dataset)
                .findings(
                        ownText.map(Path::toString).orElse("the built-in corpus"),
                        outcome,
                        verification,
                        CertificateText.of(deepened).orElseThrow(),
                        new DialMeasurement.Trained(parameters(deepening), parameters(control))));
    }

    private static long parameters(Recipe recipe) {
        return FrozenText.trainedParameters(Recipes.modelOf(recipe), recipe).orElseThrow();
    }

    private boolean isStopped(TrainingOutcome outcome) {
        return outcome.reason() == TrainingOutcome.Reason.STOPPED || stopRequested;
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
        Path folder = out.resolve(DATA);
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

    /// The recipe of a run that has begun.
    private Optional<Recipe> resolved(String run) {
        Path file = out.resolve(run).resolve(RunDirectory.RECIPE);
        return Files.exists(file) ? Optional.of(Recipe.load(file, List.of())) : Optional.empty();
    }

    private TrainingOutcome trained(Recipe recipe, String run) throws IOException {
        try (TrainingDisplay display = new TrainingDisplay(console, InstantSource.system())) {
            return train(recipe, out.resolve(run), display, resolved(run).isPresent());
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

    private Recipe recipe(String name, long steps, String... more) {
        List<String> settings = new ArrayList<>(List.of(
                "initialisation.from=" + out.resolve(BASE),
                "data.dataset=" + out.resolve(DATA),
                "schedule.steps=" + steps));
        settings.addAll(List.of(more));
        return Recipe.builtIn(name, settings);
    }

    private Recipe deepening(long steps) {
        return recipe("deepen", steps, "schedule.calibrate_tokens=" + Math.min(20_000, steps * 500));
    }

    /// An adapter of as many parameters as are trained of the deepened model, as near as a rank comes to that.
    private Recipe control(long steps) {
        double ranks = (double) trained(deepening(steps)) / trained(adapter(steps, 1));
        return adapter(steps, Math.toIntExact(Math.max(1, Math.round(ranks))));
    }

    private static long trained(Recipe recipe) {
        return ParameterCount.of(Recipes.modelOf(recipe), recipe).trained();
    }

    private Recipe adapter(long steps, int rank) {
        return recipe(
                "finetune-domain",
                steps,
                "schedule.patience=0",
                "metrics.validate_every=50",
                "optimizer.learning_rate=1.5e-2",
                "optimizer.weight_decay=0",
                "adapter={rank: " + rank + ", alpha: " + rank + ", targets: [model.layers.*]}");
    }

    /// As many steps of both trainings as fit into the time.
    private long steps() {
        double seconds = secondsOfStep(deepening(TRIAL_STEPS)) + secondsOfStep(control(TRIAL_STEPS));
        return Math.clamp(Math.round(minutes * 60 * TRAINING_SHARE / seconds), 4, MOST_STEPS);
    }

    /// What a step takes, by a few that are thrown away.
    private double secondsOfStep(Recipe recipe) {
        Path trial = out.resolve("trial");
        double[] tokensPerSecond = {1};
        try {
            AtomicFiles.deleteRecursively(trial);
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
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return recipe.batch().tokens() / tokensPerSecond[0];
    }

    private void say(String message) {
        console.err().println(String.format(Locale.ROOT, "saiki: %s", message));
        console.err().flush();
    }
}
