package dev.saiki.engine;

import static dev.saiki.engine.kernel.RowKernels.ROWS;

import dev.saiki.engine.constraint.ConstraintState;
import dev.saiki.engine.constraint.WholeUtf8Text;
import dev.saiki.engine.model.TokenChunk;
import dev.saiki.engine.sampling.LogitProcessor;
import dev.saiki.engine.sampling.Sampler;
import dev.saiki.engine.sampling.StopMatcher;
import dev.saiki.engine.sampling.TokenDistribution;
import dev.saiki.engine.sampling.Utf8Decoder;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// A task that continues a text.
final class GenerationTask implements SequenceTask {

    private final GenerationRequest request;
    private final Optional<Tokenizer> tokenizer;

    /// The ids with which the model may end the text.
    private final Set<Integer> endsOfText;

    /// All end tokens: the ends of text, and the request's own stop tokens.
    private final Set<Integer> ends;

    private final TokenStream stream;
    private final StopMatcher stops;
    private final Optional<ConstraintState> form;
    private final Optional<WholeUtf8Text> whole;
    private final Utf8Decoder characters = new Utf8Decoder();
    private final LogitProcessor logitProcessor;
    private int echoed;
    private int count;

    GenerationTask(
            GenerationRequest request,
            Optional<Tokenizer> tokenizer,
            Set<Integer> endsOfText,
            Optional<ConstraintState> form,
            Optional<WholeUtf8Text> whole,
            TokenStream stream) {
        this.request = request;
        this.tokenizer = tokenizer;
        this.endsOfText = request.ending().endOfText() || form.isPresent() ? endsOfText : Set.of();
        this.ends = Stream.concat(this.endsOfText.stream(), request.ending().tokens().stream())
                .collect(Collectors.toUnmodifiableSet());
        this.form = form;
        this.whole = whole;
        this.stream = stream;
        this.stops = new StopMatcher(request.ending().texts());
        this.logitProcessor = new LogitProcessor(request.prompt(), request.decoding());
        if (!request.report().echo()) {
            // If the prompt ends within a character, the character is reported with the token that completes it.
            whole.ifPresent(text -> characters.take(text.unfinished()));
        }
    }

    @Override
    public int[] prompt() {
        return request.prompt();
    }

    @Override
    public RouteSettings route() {
        return request.route();
    }

    @Override
    public int maxLength() {
        return request.prompt().length + request.maxTokens();
    }

    @Override
    public boolean wantsLogits(int position, int length) {
        // After a preemption, prompt tokens that were already reported are not reported again.
        boolean echoes = request.report().echo() && position < request.prompt().length - 1 && position + 1 >= echoed;
        return draws(position, length) || echoes;
    }

    @Override
    public boolean draws(int position, int length) {
        return position == length - 1;
    }

    @Override
    public Optional<FinishReason> takeLogits(Sequence sequence, TokenChunk chunk, int token, float[] logits) {
        int position = sequence.processed() + token;
        if (draws(position, sequence.length())) {
            return draw(sequence, logits, chunk.depth(token));
        }
        echo(position, logits, chunk.depth(token));
        return Optional.empty();
    }

    /// Reports the prompt token that follows a position.
    private void echo(int position, float[] logits, int depth) {
        echoFirst();
        int id = request.prompt()[position + 1];
        write(position + 1, id, characters.take(bytesOf(id)), logits, depth);
        echoed = position + 2;
    }

    /// Reports the first prompt token, for which there is no prediction.
    private void echoFirst() {
        if (request.report().echo() && echoed == 0) {
            int id = request.prompt()[0];
            stream.write(new Token(0, id, characters.take(bytesOf(id)), Double.NaN, 0, List.of()));
            echoed = 1;
        }
    }

    /// Draws the next token and reports it.
    ///
    /// @return why the answer ends here; empty if it continues
    private Optional<FinishReason> draw(Sequence sequence, float[] logits, int depth) {
        stream.begin(sequence.cachedTokens());
        echoFirst();
        boolean mayEnd = count >= request.ending().minTokens();
        int position = sequence.length();
        int id = Sampler.sample(
                restricted(logits, mayEnd),
                request.decoding().sampling(),
                request.decoding().seed(),
                position);
        Optional<FinishReason> end = endBy(id);
        if (end.isPresent()) {
            if (request.report().echo()) {
                count++;
                write(position, id, "", logits, depth);
            }
            return end;
        }
        count++;
        logitProcessor.written(id);
        sequence.append(id);
        String completed = characters.take(bytesOf(id));
        write(position, id, mayEnd ? stops.take(completed) : completed, logits, depth);
        if (stops.found().isPresent()) {
            return Optional.of(FinishReason.STOP);
        }
        whole.ifPresent(text -> text.take(id));
        form.ifPresent(text -> text.take(id));
        if (form.filter(ConstraintState::mustEnd).isPresent()) {
            return Optional.of(FinishReason.FORM_COMPLETE);
        }
        return count == request.maxTokens() ? Optional.of(FinishReason.MAX_TOKENS) : Optional.empty();
    }

    /// The logits from which a token is drawn: after penalties and bias, with minus infinity for tokens that are
    /// not allowed.
    private float[] restricted(float[] logits, boolean mayEnd) {
        float[] adjusted = logitProcessor.apply(logits);
        float[] formed = form.map(text -> text.restrict(adjusted, ends)).orElse(adjusted);
        float[] left = mayEnd ? formed : withoutEnds(formed);
        int tokensAfter = request.maxTokens() - count - 1;
        return whole.map(text -> text.restrict(left, ends, tokensAfter)).orElse(left);
    }

    private void write(int position, int id, String text, float[] logits, int depth) {
        TokenDistribution distribution = new TokenDistribution(logits);
        stream.write(new Token(
                position,
                id,
                text,
                distribution.logprob(id),
                depth,
                distribution.likeliest(request.report().alternatives())));
    }

    /// The reason to end the answer at a token; empty if the token is not an end token.
    private Optional<FinishReason> endBy(int id) {
        if (endsOfText.contains(id)) {
            return Optional.of(FinishReason.END_OF_TEXT);
        }
        return ends.contains(id) ? Optional.of(FinishReason.STOP_TOKEN) : Optional.empty();
    }

    /// Masks the end tokens, unless the required form allows no other token.
    private float[] withoutEnds(float[] logits) {
        float[] left = logits.clone();
        for (int id : ends) {
            if (id < left.length) {
                left[id] = Float.NEGATIVE_INFINITY;
            }
        }
        boolean canGoOn = ROWS.largest(left) > Float.NEGATIVE_INFINITY;
        return canGoOn || form.isEmpty() ? left : logits;
    }

    /// Ids beyond the tokenizer's vocabulary have no text. A model can have such ids because its vocabulary size
    /// is rounded up.
    private byte[] bytesOf(int id) {
        return tokenizer
                .filter(known -> id < known.vocabSize())
                .map(known -> known.tokenBytes(id))
                .orElseGet(() -> new byte[0]);
    }

    @Override
    public boolean sharesPrefixes() {
        return true;
    }

    @Override
    public boolean isWatched() {
        return true;
    }

    @Override
    public String owner() {
        return request.owner();
    }

    @Override
    public void end(FinishReason reason, Optional<Throwable> failure, SequenceUsage usage) {
        int promptTokens = request.prompt().length;
        stream.end(new GenerationResult(
                reason,
                stops.rest(),
                stops.found(),
                promptTokens,
                usage.cachedTokens(),
                count,
                usage.depths(),
                usage.overruled(),
                Optional.of(usage.queued()),
                failure));
    }
}
