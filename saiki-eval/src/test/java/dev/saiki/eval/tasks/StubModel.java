package dev.saiki.eval.tasks;

import dev.saiki.checkpoint.config.Architecture;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterSharing;
import dev.saiki.checkpoint.config.Recursion;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.model.Continuation;
import dev.saiki.model.ScoredContinuation;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/// A language model for tests: the likelihood of a byte depends only on the byte, except after contexts named
/// by {@link #believeAfter}.
final class StubModel implements ContinuationScorer {

    /// A tokenizer with one token per byte.
    static final Tokenizer BYTES = BytePairTrainer.train(List.of("ab").iterator(), BytePairTrainer.SMALLEST_VOCABULARY);

    static final int CONTEXT = 512;

    private final List<Continuation> asked = new ArrayList<>();
    private Optional<String> believed = Optional.empty();

    /// Halves all log-likelihoods after a context with this end.
    void believeAfter(String end) {
        believed = Optional.of(end);
    }

    /// The likelihood of a byte: a vowel -1, a space -0.5, everything else -2; of a byte beyond ASCII -0.75. Of
    /// the letters that answer a question it favours C, with -1.5.
    static double logprob(int value) {
        if (value >= 0x80) {
            return -0.75;
        }
        return value == ' ' ? -0.5 : value == 'C' ? -1.5 : "aeiou".indexOf(value) >= 0 ? -1 : -2;
    }

    @Override
    public List<ScoredContinuation> score(List<Continuation> continuations) {
        asked.addAll(continuations);
        return continuations.stream().map(this::answer).toList();
    }

    private ScoredContinuation answer(Continuation continuation) {
        int count = continuation.numScored();
        String context = BYTES.decode(Arrays.copyOf(continuation.ids(), continuation.firstScored()));
        double doubt = believed.filter(context::endsWith).isPresent() ? 0.5 : 1;
        double[] logprobs = new double[count];
        boolean[] likeliest = new boolean[count];
        for (int i = 0; i < count; i++) {
            int id = continuation.ids()[continuation.firstScored() + i];
            logprobs[i] = doubt * logprob(BYTES.tokenBytes(id)[0] & 0xFF);
            // This model believes in vowels and spaces.
            likeliest[i] = logprobs[i] >= -1;
        }
        // Tokens at even places are deep.
        int[] depths = new int[continuation.numRead()];
        Arrays.setAll(depths, position -> position % 2 == 0 ? 2 : 1);
        int[] predicted = Arrays.copyOfRange(continuation.ids(), continuation.firstScored(), continuation.ids().length);
        return new ScoredContinuation(logprobs, likeliest, predicted, depths);
    }

    /// The inputs so far, as text: context and continuation, separated by a bar.
    List<String> questions() {
        return asked.stream()
                .map(continuation -> BYTES.decode(Arrays.copyOf(continuation.ids(), continuation.firstScored()))
                        + "|"
                        + BYTES.decode(Arrays.copyOfRange(
                                continuation.ids(), continuation.firstScored(), continuation.ids().length)))
                .toList();
    }

    List<Continuation> asked() {
        return asked;
    }

    EvaluatedModel evaluated() {
        return new EvaluatedModel(config(CONTEXT), BYTES, this, Integer.MAX_VALUE);
    }

    static ModelConfig config(int context) {
        return new ModelConfig(
                        8,
                        16,
                        4,
                        2,
                        1,
                        4,
                        BytePairTrainer.SMALLEST_VOCABULARY,
                        context,
                        1e-5,
                        10_000,
                        true,
                        0.02,
                        OptionalInt.empty(),
                        List.of(0),
                        Architecture.LLAMA,
                        Optional.empty(),
                        new Routing.None(),
                        KeyValueSharing.NONE)
                .withRecursion(
                        Optional.of(new Recursion(ParameterSharing.MIDDLE_CYCLE, 2)),
                        new Routing.None(),
                        KeyValueSharing.NONE);
    }
}
