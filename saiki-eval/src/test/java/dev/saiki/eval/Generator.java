package dev.saiki.eval;

import dev.saiki.engine.constraint.WholeUtf8;
import dev.saiki.engine.constraint.WholeUtf8Text;
import dev.saiki.engine.sampling.Sampler;
import dev.saiki.engine.sampling.TokenDistribution;
import dev.saiki.engine.sampling.Utf8Decoder;
import dev.saiki.io.InputException;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.routing.RoutingRequest;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/// The reference decoder: it continues a text one token at a time, and computes the whole prefix again for each
/// token.
///
/// It has no cache, and so no mistakes of a cache; faster decoders are compared with it. Routing is causal:
/// each token depends only on the tokens before it. The n-th token of a sequence is drawn with the random
/// number of the seed and n ({@link Sampler#uniform}).
///
/// There are no positions beyond the model's context: a prompt without room for the requested tokens is refused
/// at the start, instead of sliding the window silently and so changing the model's input.
///
/// Cost: O(n) passes over up to T tokens for n generated tokens.
public final class Generator {

    private final NextTokenPredictor model;
    private final Tokenizer tokenizer;
    private final int maxPositionEmbeddings;
    private final WholeUtf8 wholeUtf8;

    /// Makes a decoder.
    ///
    /// @param model predicts the next token
    /// @param tokenizer the model's tokenizer
    /// @param maxPositionEmbeddings the number of tokens in the model's context
    public Generator(NextTokenPredictor model, Tokenizer tokenizer, int maxPositionEmbeddings) {
        this.model = model;
        this.tokenizer = tokenizer;
        this.maxPositionEmbeddings = maxPositionEmbeddings;
        this.wholeUtf8 = new WholeUtf8(tokenizer);
    }

    /// Counts the tokens that can be generated after a prompt.
    ///
    /// @param prompt the prompt
    /// @return the number of tokens left in the context; negative if the prompt alone is too long
    public int room(String prompt) {
        return maxPositionEmbeddings - encode(prompt).length;
    }

    /// Continues a prompt.
    ///
    /// @param prompt the text to continue; an empty text starts a new document
    /// @param options the options
    /// @param listener receives every token as soon as it is drawn
    /// @return the complete continuation
    /// @throws InputException if prompt and continuation do not fit in the context
    public Generation generate(String prompt, GenerateOptions options, Consumer<GeneratedToken> listener) {
        int[] prefix = encode(prompt);
        requireRoom(prefix.length, options.maxTokens());
        ScoreOptions scoring = new ScoreOptions(
                RoutingRequest.Rule.CAUSAL, options.maxDepth(), options.effort().orElse(Double.NaN));
        int[] ids = Arrays.copyOf(prefix, prefix.length + options.maxTokens());
        WholeUtf8Text whole = wholeUtf8.after(prefix);
        Utf8Decoder text = new Utf8Decoder();
        List<GeneratedToken> written = new ArrayList<>();
        for (int position = prefix.length; position < ids.length; position++) {
            NextToken next = model.next(Arrays.copyOf(ids, position), scoring);
            float[] logits = options.wholeUtf8()
                    ? whole.restrict(next.logits(), Set.of(), ids.length - position - 1)
                    : next.logits();
            int id = Sampler.sample(logits, options.sampling(), options.seed(), position);
            if (id == tokenizer.endOfTextId()) {
                return new Generation(prefix.length, written, Generation.Stop.END_OF_TEXT);
            }
            ids[position] = id;
            whole.take(id);
            GeneratedToken token = new GeneratedToken(
                    position,
                    id,
                    text.take(tokenizer.tokenBytes(id)),
                    new TokenDistribution(next.logits()).logprob(id),
                    next.depth());
            written.add(token);
            listener.accept(token);
        }
        return new Generation(prefix.length, written, Generation.Stop.MAX_TOKENS);
    }

    private int[] encode(String prompt) {
        return prompt.isEmpty() ? new int[] {tokenizer.endOfTextId()} : tokenizer.encode(prompt);
    }

    private void requireRoom(int promptTokens, int maxTokens) {
        if (promptTokens + (long) maxTokens > maxPositionEmbeddings) {
            throw new InputException("max_tokens must be at most " + Math.max(0, maxPositionEmbeddings - promptTokens)
                    + " after a prompt of " + promptTokens + " tokens, for the model sees " + maxPositionEmbeddings
                    + " tokens at once, got " + maxTokens);
        }
    }
}
