package dev.saiki.eval.pilot;

import dev.saiki.eval.TextScore;
import dev.saiki.eval.report.Numbers;
import dev.saiki.io.FolderLock;
import dev.saiki.io.InputException;
import dev.saiki.text.BytePairTrainer;
import dev.saiki.text.Corpus;
import dev.saiki.text.Document;
import dev.saiki.text.PrepareOptions;
import dev.saiki.text.TokenDataset;
import dev.saiki.text.Tokenizer;
import dev.saiki.train.Trainer;
import dev.saiki.train.TrainingOutcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// The whole story on one machine: is Mixture-of-Recursions worth it on this text?
///
/// A pilot learns a tokenizer, encodes the corpus and sets documents aside, times some steps of each model, trains
/// a vanilla, a fixed-depth recursive and a MoR model at equal training FLOPs, scores all three on the documents
/// set aside, and lets them write. Its folder then holds `tokenizer.json`, `data/`, a run folder for each model
/// (`vanilla/`, `recursive/`, `mor/`, each with its checkpoints) and `pilot.json`, from which a report is made.
///
/// It can be ended at any moment: the same options in the same folder go on where it ended. What is finished is not
/// done again, the budget stays the one that was chosen first, and an interrupted training goes on exactly.
public final class Pilot {

    private static final String TOKENIZER_FILE = "tokenizer.json";
    private static final String DATA_FOLDER = "data";
    private static final String SCRATCH_FOLDER = "calibration.tmp";

    /// Tokens in the vocabulary if there is text enough: most of a small model should not be its embedding.
    private static final int VOCABULARY = 4096;

    private static final int SMALLEST_VOCABULARY = 512;

    /// Characters of text for each token of the vocabulary: with fewer, tokens are too rare to be learnt.
    private static final int CHARACTERS_PER_TOKEN = 256;

    /// Windows of held-out text that are scored for each minute of the pilot, and their bounds.
    private static final double WINDOWS_PER_MINUTE = 20;

    private static final int FEWEST_WINDOWS = 16;
    private static final int MOST_WINDOWS = 600;

    /// Tokens of each sample for each minute of the pilot, and their bounds.
    private static final double SAMPLE_TOKENS_PER_MINUTE = 20;

    private static final int SHORTEST_SAMPLE = 16;
    private static final int LONGEST_SAMPLE = 100;

    /// Steps of each model that are timed, unless that takes too long.
    private static final int TIMED_STEPS = 24;

    private static final List<String> BUILT_IN_PROMPTS = List.of(
            "It is a truth universally acknowledged, that",
            "The old captain stood upon the deck and",
            "The Congress of the United States");

    private static final int PROMPTS = 3;

    private final PilotOptions options;
    private final PilotListener listener;
    private final Clock clock;
    private final Path out;
    private volatile boolean stopRequested;
    private volatile @Nullable Trainer training;

    /// Makes a pilot; nothing happens yet.
    ///
    /// @param options on what, how long, where
    /// @param listener follows it
    public Pilot(PilotOptions options, PilotListener listener) {
        this(options, listener, Clock.systemUTC());
    }

    Pilot(PilotOptions options, PilotListener listener, Clock clock) {
        this.options = options;
        this.listener = listener;
        this.clock = clock;
        this.out = options.out().toAbsolutePath().normalize();
    }

    /// Asks the pilot to end: a training finishes its step and saves its state, other phases are given up, and
    /// {@link #run} returns. May be called from any thread, at any time.
    public void requestStop() {
        stopRequested = true;
        Trainer current = training;
        if (current != null) {
            current.requestStop();
        }
    }

    /// Does all that is not done yet.
    ///
    /// @return the result, or where it was stopped
    /// @throws InputException if the corpus cannot be used, or the folder holds a pilot with other options
    /// @throws IOException if something cannot be written; what was finished before is unharmed
    public PilotOutcome run() throws IOException {
        if (Files.exists(out) && !Files.isDirectory(out)) {
            throw new InputException(out + ": must be a folder, got a file");
        }
        try (FolderLock _ = FolderLock.acquire(out)) {
            requireOwnFolder();
            PilotState state = PilotState.open(options);
            if (Files.exists(out.resolve(PilotResult.FILE_NAME))) {
                listener.onMessage(PilotPhase.REPORT, "this pilot is finished already; its results are read again");
                Path json = out.resolve(PilotResult.FILE_NAME);
                return new PilotOutcome.Finished(PilotResult.read(json), json);
            }
            return work(state);
        }
    }

    private PilotOutcome work(PilotState start) throws IOException {
        Corpus corpus = options.isBuiltIn() ? Corpus.builtIn() : Corpus.of(options.corpus());
        Tokenizer tokenizer = tokenizer(corpus);
        if (stopRequested) {
            return new PilotOutcome.Stopped(PilotPhase.DATA);
        }
        TokenDataset dataset = data(corpus, tokenizer);
        PilotRecipes recipes = new PilotRecipes(out.resolve(DATA_FOLDER), dataset.vocabSize(), options.seed());
        requireEnoughText(dataset, recipes);
        Optional<PilotState> calibrated = calibrate(start, recipes);
        if (calibrated.isEmpty()) {
            return new PilotOutcome.Stopped(PilotPhase.CALIBRATION);
        }
        if (!train(calibrated.get(), recipes)) {
            return new PilotOutcome.Stopped(PilotPhase.TRAINING);
        }
        double flops = calibrated.get().calibration().orElseThrow().forwardFlops();
        Optional<PilotResult> result = evaluate(dataset, recipes, corpus.name(), flops);
        return result.isPresent() ? finish(result.get()) : new PilotOutcome.Stopped(PilotPhase.EVALUATION);
    }

    private Tokenizer tokenizer(Corpus corpus) throws IOException {
        Path file = out.resolve(TOKENIZER_FILE);
        if (Files.exists(file)) {
            listener.onMessage(PilotPhase.TOKENIZER, "done already");
            return Tokenizer.load(file);
        }
        listener.onPhase(PilotPhase.TOKENIZER, "learning a vocabulary from " + corpus.name());
        Tokenizer tokenizer = BytePairTrainer.train(corpus, options.isBuiltIn() ? VOCABULARY : vocabulary(corpus));
        tokenizer.save(file);
        listener.onMessage(PilotPhase.TOKENIZER, tokenizer.vocabSize() + " tokens");
        return tokenizer;
    }

    /// Chooses a vocabulary for a text: small for a small one.
    private static int vocabulary(Corpus corpus) {
        try (Stream<Document> documents = corpus.documents()) {
            long characters =
                    documents.mapToLong(document -> document.text().length()).sum();
            return Math.clamp(characters / CHARACTERS_PER_TOKEN, SMALLEST_VOCABULARY, VOCABULARY);
        }
    }

    private TokenDataset data(Corpus corpus, Tokenizer tokenizer) throws IOException {
        Path folder = out.resolve(DATA_FOLDER);
        if (Files.exists(folder.resolve(TokenDataset.DESCRIPTION_FILE))) {
            listener.onMessage(PilotPhase.DATA, "done already");
            TokenDataset dataset = TokenDataset.open(folder);
            dataset.requireTokenizer(tokenizer, out.resolve(TOKENIZER_FILE).toString());
            return dataset;
        }
        listener.onPhase(PilotPhase.DATA, "encoding the text and setting documents aside");
        TokenDataset dataset = TokenDataset.prepare(
                corpus, tokenizer, folder, PrepareOptions.defaults().withSeed(options.seed()));
        listener.onMessage(
                PilotPhase.DATA,
                Numbers.metric(dataset.train().tokens()) + " tokens in "
                        + dataset.train().documents() + " documents to train on; "
                        + Numbers.metric(dataset.validation().tokens()) + " tokens in "
                        + dataset.validation().documents() + " held out");
        return dataset;
    }

    /// Refuses a text of which the models would see the same few rows over and over.
    private static void requireEnoughText(TokenDataset dataset, PilotRecipes recipes) {
        long needed = recipes.tokensPerStep() + 1;
        long context = recipes.context();
        if (dataset.train().tokens() < needed || dataset.validation().tokens() <= context) {
            throw new InputException("the corpus is too small for a pilot: it has "
                    + dataset.train().tokens() + " tokens to train on and "
                    + dataset.validation().tokens() + " held out, and at least " + needed + " and " + (context + 1)
                    + " are needed; some megabytes of text make a good pilot");
        }
    }

    private Optional<PilotState> calibrate(PilotState state, PilotRecipes recipes) throws IOException {
        if (state.calibration().isPresent()) {
            listener.onMessage(
                    PilotPhase.CALIBRATION,
                    "done already: " + budgetWords(state.calibration().get()));
            return Optional.of(state);
        }
        listener.onPhase(PilotPhase.CALIBRATION, "timing some steps of each model");
        PilotState.Calibration chosen = new PilotCalibration(recipes, out.resolve(SCRATCH_FOLDER), System::nanoTime)
                .calibrate(options.minutes(), TIMED_STEPS, () -> stopRequested);
        if (stopRequested) {
            return Optional.empty();
        }
        PilotState calibrated = state.withCalibration(chosen);
        calibrated.write(out);
        listener.onMessage(PilotPhase.CALIBRATION, budgetWords(chosen));
        return Optional.of(calibrated);
    }

    private static String budgetWords(PilotState.Calibration calibration) {
        List<String> speeds = new ArrayList<>();
        calibration
                .tokensPerSecond()
                .forEach((model, speed) -> speeds.add(model + " " + Numbers.metric(Math.rint(speed)) + " tokens/s"));
        return Numbers.metric(calibration.forwardFlops()) + "FLOP for each model, computed in "
                + calibration.precision() + " (" + String.join(", ", speeds) + ")";
    }

    /// Trains what is not trained yet; false if it was stopped.
    private boolean train(PilotState start, PilotRecipes recipes) throws IOException {
        PilotState.Calibration calibration = start.calibration().orElseThrow();
        PilotState state = start;
        for (PilotFamily family : PilotFamily.values()) {
            if (state.trained().contains(family.title())) {
                listener.onMessage(PilotPhase.TRAINING, family.title() + ": done already");
                continue;
            }
            listener.onPhase(PilotPhase.TRAINING, "training " + family.title());
            Path folder = out.resolve(family.folder());
            Trainer trainer = PilotTraining.trainer(family, recipes.training(family, calibration), folder, listener);
            training = trainer;
            if (stopRequested || PilotTraining.run(trainer, folder).reason() == TrainingOutcome.Reason.STOPPED) {
                return false;
            }
            state = state.withTrained(family.title());
            state.write(out);
        }
        return !stopRequested;
    }

    private Optional<PilotResult> evaluate(TokenDataset dataset, PilotRecipes recipes, String corpus, double flops)
            throws IOException {
        int windows = perMinute(WINDOWS_PER_MINUTE, FEWEST_WINDOWS, MOST_WINDOWS);
        PilotEvaluation evaluation = new PilotEvaluation(out, dataset, recipes.context(), windows);
        listener.onPhase(PilotPhase.EVALUATION, "scoring held-out documents");
        List<PilotEvaluation.Scored> scored = new ArrayList<>();
        for (PilotFamily family : PilotFamily.values()) {
            scored.add(evaluation.score(family, listener));
            if (stopRequested) {
                return Optional.empty();
            }
        }
        TextScore unigram = evaluation.unigram();
        listener.onPhase(PilotPhase.SAMPLES, "letting each model write");
        List<PilotResult.Samples> samples = evaluation.samples(
                prompts(evaluation),
                perMinute(SAMPLE_TOKENS_PER_MINUTE, SHORTEST_SAMPLE, LONGEST_SAMPLE),
                options.seed());
        PilotEvaluation.Scored mor = scored.getLast();
        return Optional.of(new PilotResult(
                PilotResult.FORMAT_VERSION,
                setting(corpus),
                evaluation.describeData(mor.score()),
                flops,
                scored.stream().map(PilotEvaluation.Scored::model).toList(),
                new PilotResult.Unigram(unigram.nll().mean(), unigram.nll().standardError(), unigram.bitsPerByte()),
                List.of(PilotEvaluation.compare(mor, scored.get(0)), PilotEvaluation.compare(mor, scored.get(1))),
                evaluation.passage(),
                samples));
    }

    private int perMinute(double rate, int least, int most) {
        return Math.clamp(Math.round(rate * options.minutes()), least, most);
    }

    private List<String> prompts(PilotEvaluation evaluation) {
        List<String> prompts = options.isBuiltIn() ? BUILT_IN_PROMPTS : evaluation.prompts(PROMPTS);
        return prompts.isEmpty() ? List.of("The") : prompts;
    }

    private PilotResult.Setting setting(String corpus) {
        return new PilotResult.Setting(
                corpus,
                options.minutes(),
                options.seed(),
                Runtime.getRuntime().availableProcessors(),
                System.getProperty("os.name") + " " + System.getProperty("os.arch"),
                clock.instant().truncatedTo(ChronoUnit.SECONDS).toString());
    }

    private PilotOutcome finish(PilotResult result) throws IOException {
        listener.onPhase(PilotPhase.REPORT, "writing " + PilotResult.FILE_NAME);
        Path json = out.resolve(PilotResult.FILE_NAME);
        result.write(json);
        return new PilotOutcome.Finished(result, json);
    }

    /// Refuses a folder in which something else lies under the names that a pilot uses.
    private void requireOwnFolder() {
        if (Files.exists(out.resolve(PilotState.FILE_NAME))) {
            return;
        }
        List<String> names = new ArrayList<>(List.of(TOKENIZER_FILE, DATA_FOLDER, PilotResult.FILE_NAME));
        for (PilotFamily family : PilotFamily.values()) {
            names.add(family.folder());
        }
        for (String name : names) {
            if (Files.exists(out.resolve(name))) {
                throw new InputException(out + ": holds " + name + ", but no pilot that could go on;"
                        + " give the pilot a folder of its own");
            }
        }
    }
}
