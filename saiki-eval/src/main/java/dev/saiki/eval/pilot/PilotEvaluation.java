package dev.saiki.eval.pilot;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.ModelConfig;
import dev.saiki.checkpoint.accounting.Accounting;
import dev.saiki.engine.SamplingSettings;
import dev.saiki.eval.GenerateOptions;
import dev.saiki.eval.Generation;
import dev.saiki.eval.Generator;
import dev.saiki.eval.PairedDifference;
import dev.saiki.eval.TextScore;
import dev.saiki.eval.TextScorer;
import dev.saiki.eval.TokenTexts;
import dev.saiki.eval.TrainingLog;
import dev.saiki.eval.UnigramModel;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ScoredSequence;
import dev.saiki.model.TeacherForcedScorer;
import dev.saiki.text.TokenDataset;
import dev.saiki.text.TokenShards;
import dev.saiki.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// Measures the trained models on held-out documents and lets them write.
final class PilotEvaluation {

    /// How the samples are drawn.
    static final SamplingSettings SAMPLING = SamplingSettings.of(0.8).withTopP(0.95);

    /// The checkpoint of a run that is measured: the last one, for its learning rate has come to rest, and choosing
    /// the best one by held-out loss would flatter it.
    static final String CHECKPOINT = "last";

    private static final int PASSAGE_TOKENS = 200;

    private final Path out;
    private final TokenDataset dataset;
    private final Tokenizer tokenizer;
    private final HeldOutText heldOut;
    private final TextScorer scorer;
    private final int context;

    PilotEvaluation(Path out, TokenDataset dataset, int context, int windows) {
        this.out = out;
        this.dataset = dataset;
        this.tokenizer = dataset.tokenizer();
        this.heldOut = HeldOutText.of(dataset.validation(), tokenizer);
        this.context = context;
        this.scorer = TextScorer.of(tokenizer, context).withMostWindows(windows);
    }

    /// A model's score with what was read of its checkpoint.
    ///
    /// @param model the numbers for the result
    /// @param score the score itself, for comparisons
    record Scored(PilotResult.Model model, TextScore score) {}

    /// Scores one model.
    Scored score(PilotFamily family, PilotListener listener) throws IOException {
        long total = scorer.countTokens(heldOut.documents());
        try (ModelWeights weights = ModelWeights.load(CheckpointDirectory.open(checkpoint(family)));
                TeacherForcedScorer model = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            TextScore score = scorer.score(
                    model::score,
                    weights.config().numRecursions(),
                    heldOut.documents(),
                    ScoreOptions.CAUSAL,
                    done -> listener.onScored(family.title(), done, total));
            return new Scored(describe(family, weights.config(), score), score);
        }
    }

    private PilotResult.Model describe(PilotFamily family, ModelConfig config, TextScore score) throws IOException {
        Accounting accounting = Accounting.of(config);
        TrainingLog cost = TrainingLog.read(out.resolve(family.folder()));
        List<Double> shares = score.shareOfTokensPerStep();
        return new PilotResult.Model(
                family.title(),
                family.folder() + "/" + CHECKPOINT,
                config.numRecursions(),
                accounting.totalParameters(),
                accounting.nonEmbeddingParameters(),
                family.learningRate(),
                cost.steps(),
                cost.tokens(),
                cost.forwardFlops(),
                cost.seconds(),
                score.nll().mean(),
                score.nll().standardError(),
                score.bitsPerByte(),
                score.meanDepth(),
                score.shareOfTokensPerDepth(),
                config.capacities(),
                Accounting.forwardFlopsPerToken(config, context, shares),
                Accounting.cacheBytesPerToken(config, shares),
                cost.curve().stream()
                        .map(point -> new PilotResult.CurvePoint(
                                point.step(), point.tokens(), point.forwardFlops(), point.nll()))
                        .toList());
    }

    /// Scores the floor on the same windows.
    TextScore unigram() {
        TokenShards train = dataset.train();
        UnigramModel model = UnigramModel.of(TokenTexts.count(train));
        return scorer.score(model, 1, heldOut.documents(), ScoreOptions.CAUSAL, _ -> {});
    }

    /// Describes the text that was scored.
    PilotResult.Data describeData(TextScore score) {
        return new PilotResult.Data(
                dataset.vocabSize(),
                dataset.train().documents(),
                dataset.train().tokens(),
                dataset.validation().documents(),
                dataset.validation().tokens(),
                score.tokens(),
                score.bytes(),
                context,
                score.unit().plural(),
                score.nll().clusters(),
                dataset.isTailHeldOut());
    }

    /// Compares MoR with another model.
    static PilotResult.Comparison compare(Scored mor, Scored baseline) {
        PairedDifference difference = mor.score().minus(baseline.score());
        return new PilotResult.Comparison(
                mor.model().name(),
                baseline.model().name(),
                difference.mean(),
                difference.standardError(),
                difference.low(),
                difference.high());
    }

    /// Scores a held-out passage with the MoR model, token by token.
    PilotResult.Passage passage() throws IOException {
        HeldOutText.Passage passage = heldOut.passage(context - PASSAGE_TOKENS, PASSAGE_TOKENS);
        try (ModelWeights weights = ModelWeights.load(CheckpointDirectory.open(checkpoint(PilotFamily.MOR)));
                TeacherForcedScorer model = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            ScoredSequence scored =
                    model.score(List.of(passage.ids()), ScoreOptions.CAUSAL).getFirst();
            List<String> texts = TokenTexts.pieces(tokenizer, passage.ids());
            List<PilotResult.Token> tokens = new ArrayList<>();
            for (int i = passage.first(); i < passage.ids().length; i++) {
                tokens.add(new PilotResult.Token(texts.get(i), scored.depths()[i], scored.logprobs()[i]));
            }
            return new PilotResult.Passage(tokens);
        }
    }

    /// Lets every model continue the same prompts with the same random numbers.
    List<PilotResult.Samples> samples(List<String> prompts, int maxTokens, long seed) throws IOException {
        List<List<PilotResult.Continuation>> byPrompt = new ArrayList<>();
        prompts.forEach(_ -> byPrompt.add(new ArrayList<>()));
        for (PilotFamily family : PilotFamily.values()) {
            try (ModelWeights weights = ModelWeights.load(CheckpointDirectory.open(checkpoint(family)));
                    TeacherForcedScorer model = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
                Generator generator = new Generator(model::next, tokenizer, context);
                for (int i = 0; i < prompts.size(); i++) {
                    int tokens = Math.min(maxTokens, generator.room(prompts.get(i)));
                    Generation generation =
                            generator.generate(prompts.get(i), GenerateOptions.of(tokens, SAMPLING, seed + i), _ -> {});
                    byPrompt.get(i)
                            .add(new PilotResult.Continuation(
                                    family.title(), generation.text(), generation.meanDepth()));
                }
            }
        }
        List<PilotResult.Samples> samples = new ArrayList<>();
        for (int i = 0; i < prompts.size(); i++) {
            samples.add(new PilotResult.Samples(prompts.get(i), byPrompt.get(i)));
        }
        return samples;
    }

    /// Prompts taken from the held-out documents.
    List<String> prompts(int count) {
        return heldOut.prompts(count);
    }

    private Path checkpoint(PilotFamily family) {
        return out.resolve(family.folder()).resolve(CHECKPOINT);
    }
}
