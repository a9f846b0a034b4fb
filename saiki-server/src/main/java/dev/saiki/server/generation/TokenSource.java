package dev.saiki.server.generation;

import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.ScoreRequest;
import dev.saiki.engine.Token;
import dev.saiki.engine.TokenScores;
import dev.saiki.engine.TokenStream;
import dev.saiki.engine.sampling.Utf8Decoder;
import dev.saiki.server.deployment.Rescorer;
import dev.saiki.text.chat.EncodedPrompt;
import dev.saiki.text.tokenizer.Tokenizer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/// A source of the tokens of one answer.
sealed interface TokenSource extends AutoCloseable {

    /// Returns the tokens, each as soon as it is available. May be called only once.
    Iterator<Token> tokens();

    /// Waits until all tokens are available.
    default void awaitEnd() {}

    /// Waits until the answer ends.
    GenerationResult finish();

    @Override
    void close();

    /// An answer that the engine generates.
    ///
    /// @param stream the answer's tokens
    /// @param sample the sample that also collects the tokens, if the answer is to be rescored
    record Written(TokenStream stream, Optional<Rescorer.Sample> sample) implements TokenSource {

        @Override
        public Iterator<Token> tokens() {
            Iterator<Token> written = stream.iterator();
            return new Iterator<>() {
                @Override
                public boolean hasNext() {
                    return written.hasNext();
                }

                @Override
                public Token next() {
                    Token token = written.next();
                    sample.ifPresent(taker -> taker.take(token));
                    return token;
                }
            };
        }

        @Override
        public void awaitEnd() {
            stream.awaitEnd();
        }

        @Override
        public GenerationResult finish() {
            GenerationResult finish = stream.finish();
            sample.ifPresent(taker -> taker.end(finish));
            return finish;
        }

        @Override
        public void close() {
            stream.close();
        }
    }

    /// A prompt without an answer and without scores.
    record Nothing(int promptTokens) implements TokenSource {

        @Override
        public Iterator<Token> tokens() {
            return List.<Token>of().iterator();
        }

        @Override
        public GenerationResult finish() {
            return GenerationResult.ofPrompt(promptTokens, new int[0], 0, Optional.empty());
        }

        @Override
        public void close() {}
    }

    /// A prompt without an answer, with the log-probabilities of its tokens.
    final class Scored implements TokenSource {

        private final int[] ids;
        private final Tokenizer tokenizer;
        private final CompletableFuture<TokenScores> scores;
        private final Duration timeout;

        private Scored(int[] ids, Tokenizer tokenizer, CompletableFuture<TokenScores> scores, Duration timeout) {
            this.ids = ids;
            this.tokenizer = tokenizer;
            this.scores = scores;
            this.timeout = timeout;
        }

        /// Submits the request. A single token has no successor to score, so the engine only runs it.
        public static Scored ask(Engine engine, GenerationCall call, EncodedPrompt prompt) {
            ScoreRequest request = ScoreRequest.builder(
                            prompt.ids(), call.settings().route())
                    .alternatives(call.settings().report().alternatives())
                    .lastIsRead(prompt.ids().length == 1)
                    .build();
            return new Scored(
                    prompt.ids(),
                    engine.tokenizer(),
                    engine.score(request),
                    call.settings().timeout().orElseThrow());
        }

        private TokenScores scores() {
            return EngineResult.of(scores, timeout);
        }

        @Override
        public Iterator<Token> tokens() {
            TokenScores known = scores();
            Utf8Decoder characters = new Utf8Decoder();
            List<Token> tokens = new ArrayList<>();
            for (int position = 0; position < ids.length; position++) {
                int id = ids[position];
                byte[] bytes = id < tokenizer.vocabSize() ? tokenizer.tokenBytes(id) : new byte[0];
                tokens.add(new Token(
                        position,
                        id,
                        characters.take(bytes),
                        known.logprobs()[position],
                        position == 0 ? 0 : known.depths()[position - 1],
                        known.alternatives().get(position)));
            }
            return tokens.iterator();
        }

        @Override
        public GenerationResult finish() {
            TokenScores known = scores();
            return GenerationResult.ofPrompt(ids.length, known.depths(), known.overruled(), Optional.empty());
        }

        @Override
        public void close() {
            scores.cancel(true);
        }
    }
}
