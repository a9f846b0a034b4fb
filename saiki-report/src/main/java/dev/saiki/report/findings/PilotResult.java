package dev.saiki.report.findings;

import dev.saiki.eval.RecordFormat;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/// The result of a pilot of a version before 0.1.0, as it stands in `pilot.json`; newer ones write
/// `study.json`.
///
/// Losses are natural logarithms, per token, on held-out documents, with causal routing.
///
/// @param formatVersion version of the file's format
/// @param setting what was asked for, and where it ran
/// @param data the text
/// @param trainingForwardFlops forward FLOPs that each model's training was given
/// @param models vanilla, recursive and MoR, in this order
/// @param unigram the floor: token frequencies alone
/// @param comparisons MoR against each of the others
/// @param passage a held-out passage with the depth of each token in the MoR model
/// @param samples what the models wrote
public record PilotResult(
        int formatVersion,
        Setting setting,
        Data data,
        double trainingForwardFlops,
        List<Model> models,
        Unigram unigram,
        List<Comparison> comparisons,
        Passage passage,
        List<Samples> samples) {

    /// The version of the format that this code reads.
    public static final int FORMAT_VERSION = 1;

    /// The name of the file in the pilot's folder.
    public static final String FILE_NAME = "pilot.json";

    private static final RecordFormat<PilotResult> FORMAT = RecordFormat.of(
            PilotResult.class, "the result of a pilot", "`saiki pilot` writes it when it has finished", FORMAT_VERSION);

    /// Keeps its own copies of the lists.
    public PilotResult {
        models = List.copyOf(models);
        comparisons = List.copyOf(comparisons);
        samples = List.copyOf(samples);
    }

    /// The options that the pilot was started with, and its machine.
    ///
    /// @param corpus name of the corpus
    /// @param minutes minutes asked for
    /// @param seed seed of everything random
    /// @param processors processors that the program could use
    /// @param platform operating system and architecture
    /// @param finished when it ended, in UTC, as ISO 8601 writes it
    public record Setting(String corpus, double minutes, long seed, int processors, String platform, String finished) {}

    /// The text.
    ///
    /// @param vocabSize tokens in the vocabulary
    /// @param trainDocuments documents to train on
    /// @param trainTokens tokens in them
    /// @param heldOutDocuments documents held out
    /// @param heldOutTokens tokens in them
    /// @param scoredTokens held-out tokens that every model was scored on
    /// @param scoredBytes bytes of text that these stand for
    /// @param context tokens that a model sees at once
    /// @param clusterUnit what counts as one observation for the errors: `documents` or `windows`
    /// @param clusters how many of them were scored
    /// @param tailHeldOut whether the held-out text is the end of a single document
    public record Data(
            int vocabSize,
            long trainDocuments,
            long trainTokens,
            long heldOutDocuments,
            long heldOutTokens,
            long scoredTokens,
            long scoredBytes,
            int context,
            String clusterUnit,
            int clusters,
            boolean tailHeldOut) {}

    /// One of the three models.
    ///
    /// @param name name for people, such as `MoR-2`
    /// @param checkpoint folder of its checkpoint, relative to the pilot's
    /// @param numRecursions recursions of a token at full depth
    /// @param parameters all parameters
    /// @param nonEmbeddingParameters parameters without the embedding
    /// @param learningRate peak learning rate
    /// @param steps training steps
    /// @param trainingTokens tokens trained on, repeats counted
    /// @param trainingForwardFlops forward FLOPs spent on them
    /// @param trainingSeconds seconds that the steps took
    /// @param nll mean negative log-likelihood of a token
    /// @param nllStandardError its standard error
    /// @param bitsPerByte the same loss in bits for each byte of text
    /// @param meanDepth mean number of recursions of a token
    /// @param shareOfTokensPerDepth share of tokens that ended at each depth, from 1
    /// @param trainedShareOfTokensPerStep share of tokens that took each step in training
    /// @param flopsPerToken forward FLOPs of a token at the depths measured
    /// @param cacheBytesPerToken bytes of keys and values of a token at the depths measured
    /// @param curve validation losses while training
    public record Model(
            String name,
            String checkpoint,
            int numRecursions,
            long parameters,
            long nonEmbeddingParameters,
            double learningRate,
            long steps,
            long trainingTokens,
            double trainingForwardFlops,
            double trainingSeconds,
            double nll,
            double nllStandardError,
            double bitsPerByte,
            double meanDepth,
            List<Double> shareOfTokensPerDepth,
            List<Double> trainedShareOfTokensPerStep,
            double flopsPerToken,
            double cacheBytesPerToken,
            List<CurvePoint> curve) {
        /// Keeps its own copies of the lists.
        public Model {
            shareOfTokensPerDepth = List.copyOf(shareOfTokensPerDepth);
            trainedShareOfTokensPerStep = List.copyOf(trainedShareOfTokensPerStep);
            curve = List.copyOf(curve);
        }
    }

    /// A validation while training.
    ///
    /// @param step steps taken
    /// @param tokens tokens trained on so far
    /// @param forwardFlops forward FLOPs spent so far
    /// @param nll loss on some held-out rows, nats per token
    public record CurvePoint(long step, long tokens, double forwardFlops, double nll) {}

    /// The unigram model.
    ///
    /// @param nll mean negative log-likelihood of a token
    /// @param nllStandardError its standard error
    /// @param bitsPerByte the same loss in bits for each byte of text
    public record Unigram(double nll, double nllStandardError, double bitsPerByte) {}

    /// The MoR model against another, paired over the same text.
    ///
    /// @param model the MoR model
    /// @param baseline the other
    /// @param difference loss of the first minus loss of the second; negative if MoR is better
    /// @param standardError its standard error
    /// @param low lower end of the 95 % interval
    /// @param high upper end of the 95 % interval
    public record Comparison(
            String model, String baseline, double difference, double standardError, double low, double high) {

        /// Tells whether the interval leaves out zero.
        ///
        /// @return whether the sign of the difference is known
        public boolean isClear() {
            return low > 0 || high < 0;
        }
    }

    /// A held-out passage.
    ///
    /// @param tokens its tokens, in order
    public record Passage(List<Token> tokens) {
        /// Keeps its own copy of the list.
        public Passage {
            tokens = List.copyOf(tokens);
        }
    }

    /// A token of the passage.
    ///
    /// @param text its part of the text
    /// @param depth recursions it took
    /// @param logprob natural-log probability given the tokens before it
    public record Token(String text, int depth, double logprob) {}

    /// Texts that all models wrote after one prompt.
    ///
    /// @param prompt the prompt
    /// @param continuations one a model
    public record Samples(String prompt, List<Continuation> continuations) {
        /// Keeps its own copy of the list.
        public Samples {
            continuations = List.copyOf(continuations);
        }
    }

    /// A text that a model wrote.
    ///
    /// @param model the model's name
    /// @param text the continuation, without the prompt
    /// @param meanDepth mean number of recursions spent on a token
    public record Continuation(String model, String text, double meanDepth) {}

    /// Returns the MoR model.
    ///
    /// @return the last of the models
    public Model mor() {
        return models.getLast();
    }

    /// Returns the vanilla model.
    ///
    /// @return the first of the models
    public Model vanilla() {
        return models.getFirst();
    }

    /// Reads a result.
    ///
    /// @param file a `pilot.json`
    /// @return the result
    /// @throws InputException if the file is missing, is no pilot's result, or has another format version
    /// @throws IOException if it cannot be read
    public static PilotResult read(Path file) throws IOException {
        return FORMAT.read(file);
    }
}
