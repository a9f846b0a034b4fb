package dev.saiki.cli.demo;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.provenance.VerificationStatistics;
import dev.saiki.cli.model.CertificateText;
import dev.saiki.convert.ModelImport;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.eval.SentenceOpenings;
import dev.saiki.eval.verify.Disagreements;
import dev.saiki.eval.verify.ModelBounds;
import dev.saiki.eval.verify.ReferenceFile;
import dev.saiki.eval.verify.TorchLogits;
import dev.saiki.eval.verify.Verifier;
import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import dev.saiki.io.Resources;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.TeacherForcedScorer;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.report.Report;
import dev.saiki.report.ReportSection.Command;
import dev.saiki.report.ReportSection.PromptSamples;
import dev.saiki.report.ReportSection.Sample;
import dev.saiki.report.findings.DeepeningReport;
import dev.saiki.study.SentenceSampler;
import dev.saiki.study.StopRequest;
import dev.saiki.study.Study;
import dev.saiki.study.StudyEstimate;
import dev.saiki.study.StudyListener;
import dev.saiki.study.StudyOutcome;
import dev.saiki.study.plan.StudyPlan;
import dev.saiki.study.results.StudyResults;
import dev.saiki.study.results.TextSample;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.dataset.BatchLoader;
import dev.saiki.text.dataset.LoaderPosition;
import dev.saiki.text.dataset.PrepareOptions;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// The demonstration of deepening one's own model: it imports the base, writes the plan of a study, and runs
/// that study, which trains and compares.
final class OwnModelDemo {

    /// The name of the plan's file in the demonstration's folder.
    static final String PLAN = "plan.yaml";

    /// The folder of the encoded text.
    static final String DATA = "data";

    /// The folder of the imported model.
    static final String BASE = "base";

    private static final String REFERENCE = "reference-top.jsonl";

    /// The names of the base's files, which the demonstration copies and imports.
    private static final List<String> FILES = List.of(
            "config.json", "generation_config.json", "model.safetensors", "tokenizer.json", REFERENCE, "LICENSE");

    /// The maximum number of characters to encode: a few minutes of training cannot use more text.
    private static final int MAX_CHARACTERS = 4_000_000;

    private static final int MIN_CHARACTERS = 10_000;
    private static final int MIN_PIECES = 60;
    private static final int MAX_PIECE = 10_000;
    private static final double HELD_OUT_PIECES = 12;
    private static final double MIN_HELD_OUT = 0.1;
    private static final double MAX_HELD_OUT = 0.5;
    private static final double TRIAL_TOKENS = 20_000;
    private static final double MAX_TOKENS = 8e6;
    private static final int ROW = 256;
    private static final int ROWS_OF_LOGITS = 8;
    private static final int PROMPTS = 3;
    private static final int SAMPLE_TOKENS = 60;

    /// The share of the time for training; the rest goes to import, data and evaluation.
    private static final double TRAINING_SHARE = 0.7;

    private final Path out;
    private final Optional<Path> ownText;
    private final double minutes;
    private final StudyListener listener;
    private final StopRequest stop = new StopRequest();

    OwnModelDemo(Path out, Optional<Path> ownText, double minutes, StudyListener listener) {
        this.out = out;
        this.ownText = ownText;
        this.minutes = minutes;
        this.listener = listener;
    }

    /// Stops the training after its current step.
    void requestStop() {
        stop.request();
    }

    /// The result of the demonstration.
    ///
    /// @param report the page
    /// @param guarantee the evidence that one pass equals the base
    /// @param deepened the deepened checkpoint
    record Result(Report report, DeepeningReport.Guarantee guarantee, Path deepened) {}

    /// Runs the parts of the demonstration that are not done yet.
    ///
    /// @return empty if the demonstration was stopped
    Optional<Result> run() throws IOException {
        Files.createDirectories(out);
        CheckpointDirectory base = base();
        String verification = verification(base);
        TokenDataset dataset = dataset(base);
        Path plan = out.resolve(PLAN);
        if (!Files.exists(plan)) {
            AtomicFiles.writeString(plan, plan(tokens()));
        }
        Study study = new Study(StudyPlan.read(plan), out, listener);
        stop.forwardTo(study::requestStop);
        return switch (study.run()) {
            case StudyOutcome.Stopped _ -> Optional.empty();
            case StudyOutcome.Finished finished -> Optional.of(result(finished.results(), base, dataset, verification));
        };
    }

    private Result result(StudyResults results, CheckpointDirectory base, TokenDataset dataset, String verification) {
        Path folder = out.resolve(results.runs().stream()
                .filter(run -> run.family().equals(DeepeningReport.DEEPENED))
                .findFirst()
                .orElseThrow(() -> new InputException("the loss of the deepened model became infinite during training;"
                        + " try other text, or more of it"))
                .checkpoint());
        CheckpointDirectory deepened = CheckpointDirectory.open(folder);
        CertificateText certificate = CertificateText.of(deepened).orElseThrow();
        DeepeningReport.Guarantee guarantee = new DeepeningReport.Guarantee(
                verification, certificate.line(), certificate.holds(), equalLogits(base, deepened, dataset));
        Report report = DeepeningReport.of(results, guarantee, samples(deepened, dataset), commands(folder));
        return new Result(report, guarantee, folder);
    }

    private CheckpointDirectory base() throws IOException {
        Path base = out.resolve(BASE);
        if (!Files.exists(base)) {
            Path source = out.resolve("source");
            AtomicFiles.deleteRecursively(source);
            AtomicFiles.writeDirectory(source, folder -> {
                for (String name : FILES) {
                    byte[] file = Resources.bytes(OwnModelDemo.class.getResourceAsStream("stories260k/" + name), name);
                    Files.write(folder.resolve(name), file);
                }
            });
            ModelImport.Imported imported = ModelImport.run(source, base, Clock.systemUTC());
            listener.onMessage("imported " + imported.description());
        }
        return CheckpointDirectory.open(base);
    }

    /// Compares the base with reference logits from PyTorch.
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
                    ? "the base computes what PyTorch computed, within " + tolerance + " at all " + seen.positions()
                            + " positions"
                    : "the base does NOT compute what PyTorch computed: " + String.join("; ", disagreements);
            listener.onMessage("verified: " + verdict);
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
            List<Document> documents = documents(corpus);
            long characters = characters(documents);
            int piece = Math.toIntExact(Math.min(MAX_PIECE, characters / MIN_PIECES));
            // Inserts line breaks into long paragraphs, since a piece of a document ends at a line break.
            List<Document> lines = documents.stream()
                    .map(document -> new Document(
                            document.name(), document.text().replaceAll("(.{" + piece + "}\\S*) ", "$1\n")))
                    .toList();
            Corpus pieces = Corpus.ofDocuments(corpus.name(), lines).inPieces(piece);
            double heldOut;
            try (Stream<Document> all = pieces.documents()) {
                heldOut = Math.clamp(HELD_OUT_PIECES / all.count(), MIN_HELD_OUT, MAX_HELD_OUT);
            }
            TokenDataset.prepare(
                    pieces,
                    Tokenizer.load(base.tokenizer()),
                    folder,
                    PrepareOptions.defaults().withValidationFraction(heldOut));
        }
        return TokenDataset.open(folder);
    }

    private List<Document> documents(Corpus corpus) {
        List<Document> documents = corpus.inPieces(MAX_PIECE).beginning(MAX_CHARACTERS);
        long characters = characters(documents);
        if (characters < MIN_CHARACTERS) {
            throw new InputException(corpus.name() + ": the text must have at least " + MIN_CHARACTERS
                    + " characters, got " + characters);
        }
        if (characters >= MAX_CHARACTERS) {
            listener.onMessage(
                    "reading the first " + MAX_CHARACTERS / 1_000_000 + " million characters of " + corpus.name());
        }
        return documents;
    }

    private static long characters(List<Document> documents) {
        return documents.stream()
                .mapToLong(document -> document.text().length())
                .sum();
    }

    /// A plan that trains the adapter and the deepened model on a number of tokens each.
    private static String plan(double tokens) {
        return Resources.text(OwnModelDemo.class.getResourceAsStream(PLAN), PLAN)
                .formatted(tokens);
    }

    /// The number of tokens that each of the two trainings can read so that both finish in the given time.
    private double tokens() throws IOException {
        Path trial = Files.writeString(out.resolve("trial.yaml"), plan(TRIAL_TOKENS));
        double seconds = StudyEstimate.of(StudyPlan.read(trial), out, listener).seconds();
        Files.delete(trial);
        double tokens = minutes * 60 * TRAINING_SHARE * TRIAL_TOKENS / seconds;
        return Math.clamp(tokens, TRIAL_TOKENS, MAX_TOKENS);
    }

    /// Compares the logits of one pass with the base's. Returns their number if all are equal, bit for bit;
    /// otherwise -1.
    private static long equalLogits(CheckpointDirectory base, CheckpointDirectory deepened, TokenDataset dataset) {
        BatchLoader loader = new BatchLoader(dataset.validation(), ROW, 0, LoaderPosition.START);
        ScoreOptions onePass = new ScoreOptions(RoutingRequest.Rule.CAUSAL, 1, Double.NaN);
        long equal = 0;
        try (ModelWeights before = ModelWeights.load(base);
                ModelWeights after = ModelWeights.load(deepened);
                TeacherForcedScorer ofBase = new TeacherForcedScorer(before, Precision.FLOAT32);
                TeacherForcedScorer ofDeepened = new TeacherForcedScorer(after, Precision.FLOAT32)) {
            for (int[] row : loader.next((int) Math.min(ROWS_OF_LOGITS, loader.rowsPerEpoch()))) {
                List<int[]> tokens = List.of(Arrays.copyOf(row, ROW));
                float[] expected = ofBase.logits(tokens, ScoreOptions.CAUSAL);
                if (!Arrays.equals(expected, ofDeepened.logits(tokens, onePass))) {
                    return -1;
                }
                equal += expected.length;
            }
        }
        return equal;
    }

    /// Text of the deepened model at effort 0, which is the base, and at effort 1.
    private static List<PromptSamples> samples(CheckpointDirectory deepened, TokenDataset dataset) {
        List<String> openings =
                SentenceOpenings.of(dataset.train(), dataset.tokenizer()).commonest(PROMPTS);
        // A text without sentences, such as code, has no beginnings of sentences to continue.
        List<String> prompts = openings.isEmpty() ? List.of("The") : openings;
        try (Engine engine = Engine.open(
                deepened,
                EngineOptions.builder().maxWaiting(ROW).prefixCache(false).build())) {
            return prompts.stream()
                    .map(prompt ->
                            new PromptSamples(prompt, List.of(sample(engine, prompt, 0), sample(engine, prompt, 1))))
                    .toList();
        }
    }

    private static Sample sample(Engine engine, String prompt, double effort) {
        RouteSettings route = RouteSettings.builder().effort(effort).build();
        TextSample text = new SentenceSampler(SAMPLE_TOKENS, route).sample(engine, prompt, 0);
        return new Sample(effort == 0 ? "before" : "after", text.text(), text.meanDepth());
    }

    private List<Command> commands(Path deepened) {
        return List.of(
                new Command(
                        "serve the deepened model, with an effort in each request",
                        "./saiki serve --model" + " " + deepened),
                new Command("check the certificate", "./saiki certify check --model " + deepened),
                new Command(
                        "train it on conversations and on some of the demo's text, to keep the domain",
                        "./saiki train --recipe recipes/finetune-chat.yaml --init-from " + deepened
                                + " --set data.conversations.path=examples/conversations.jsonl data.dataset="
                                + out.resolve(DATA) + " data.text_share=0.125 --out runs/taught"));
    }
}
