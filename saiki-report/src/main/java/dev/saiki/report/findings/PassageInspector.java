package dev.saiki.report.findings;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.eval.HeldOutText;
import dev.saiki.eval.TokenViews;
import dev.saiki.model.ModelWeights;
import dev.saiki.model.Precision;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.ScoredSequence;
import dev.saiki.model.TeacherForcedScorer;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.report.ReportSection.PassageToken;
import dev.saiki.report.ReportSection.Prediction;
import dev.saiki.report.findings.Findings.InspectedPassage;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.text.tokenizer.Tokenizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// An inspector of a held-out passage: it finds the depth of each token, and the next-token predictions if
/// the depth of all tokens is limited to one recursion, two, and so on.
final class PassageInspector {

    private static final int PASSAGE_TOKENS = 200;

    /// Maximum number of logits per pass, which bounds memory for large vocabularies.
    private static final int MAX_LOGITS = 1 << 24;

    private PassageInspector() {}

    /// Reads a passage.
    ///
    /// @param name the model's name
    /// @param checkpoint the model's checkpoint
    /// @param dataset the text; only its held-out split is read
    static InspectedPassage inspect(String name, Path checkpoint, Path dataset) {
        TokenDataset data = TokenDataset.open(dataset);
        try (ModelWeights weights = ModelWeights.load(CheckpointDirectory.open(checkpoint));
                TeacherForcedScorer model = new TeacherForcedScorer(weights, Precision.FLOAT32)) {
            Tokenizer tokenizer = data.tokenizer();
            data.requireVocabSize(weights.config().vocabSize(), checkpoint.toString());
            int room = Math.min(
                    weights.config().maxPositionEmbeddings(),
                    MAX_LOGITS / weights.config().vocabSize());
            int length = Math.min(PASSAGE_TOKENS, room);
            HeldOutText.Passage passage =
                    HeldOutText.of(data.validation(), tokenizer).passage(room - length, length);
            return new InspectedPassage(name, weights.config().numRecursions(), tokens(model, tokenizer, passage));
        }
    }

    private static List<PassageToken> tokens(
            TeacherForcedScorer model, Tokenizer tokenizer, HeldOutText.Passage passage) {
        List<int[]> ids = List.of(passage.ids());
        ScoredSequence scored = model.score(ids, ScoreOptions.CAUSAL).getFirst();
        List<Prediction[]> byDepth = new ArrayList<>();
        for (int depth = 1; depth <= model.config().numRecursions(); depth++) {
            ScoreOptions bounded = new ScoreOptions(RoutingRequest.Rule.CAUSAL, depth, Double.NaN);
            byDepth.add(likeliest(model.logits(ids, bounded), passage.ids().length, tokenizer));
        }
        List<String> texts = TokenViews.pieces(tokenizer, passage.ids());
        List<PassageToken> tokens = new ArrayList<>();
        for (int i = passage.first(); i < passage.ids().length; i++) {
            int at = i;
            tokens.add(new PassageToken(
                    texts.get(i),
                    scored.depths()[i],
                    scored.logprobs()[i],
                    byDepth.stream().map(predictions -> predictions[at]).toList()));
        }
        return tokens;
    }

    private static Prediction[] likeliest(float[] logits, int length, Tokenizer tokenizer) {
        int vocabulary = logits.length / length;
        Prediction[] predictions = new Prediction[length];
        for (int position = 0; position < length; position++) {
            int from = position * vocabulary;
            int best = from;
            for (int at = from; at < from + vocabulary; at++) {
                best = logits[at] > logits[best] ? at : best;
            }
            double sum = 0;
            for (int at = from; at < from + vocabulary; at++) {
                sum += Math.exp(logits[at] - logits[best]);
            }
            int id = best - from;
            predictions[position] = new Prediction(id < tokenizer.vocabSize() ? tokenizer.tokenText(id) : "", 1 / sum);
        }
        return predictions;
    }
}
