package dev.saiki.engine;

import dev.saiki.engine.constraint.TextConstraint;
import dev.saiki.engine.sampling.DecodingSettings;
import dev.saiki.engine.sampling.Penalties;
import dev.saiki.engine.sampling.SamplingSettings;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.io.InputException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/// A request to continue a text.
///
/// @param prompt ids of the text to continue, not empty
/// @param maxTokens most tokens to write, at least 1
/// @param decoding how tokens are drawn
/// @param ending what ends the answer before
/// @param constraint the form that the answer must have, if any
/// @param wholeUtf8 whether only tokens are drawn that can continue the text as valid UTF-8, and none ends it
///     within a character. The choice is between what the penalties, the bias and the form have left, before
///     temperature and filters; log-probabilities that are reported stay those of the model, of all tokens.
///     Without a tokenizer there is no text, and it does nothing
/// @param route what is asked of depth
/// @param report what is wanted to know about tokens beside their text
/// @param timeout how long the answer may take, waiting included
/// @param owner with whom it shares what is kept of texts: a request finds the beginnings of texts that came
///     under the same name, and of no others, so that nobody can find out from times what another one has sent
@SuppressWarnings("ArrayRecordComponent") // Ids are many, and nothing compares requests.
public record GenerationRequest(
        int[] prompt,
        int maxTokens,
        DecodingSettings decoding,
        StopConditions ending,
        Optional<TextConstraint> constraint,
        boolean wholeUtf8,
        RouteSettings route,
        ReportSettings report,
        Optional<Duration> timeout,
        String owner) {

    /// Everyone who is not told apart.
    public static final String ANYONE = "";

    /// Checks every setting and keeps its own copies.
    ///
    /// @throws InputException naming the setting, what is allowed, and what was got
    public GenerationRequest {
        prompt = prompt.clone();
        if (prompt.length == 0) {
            throw new InputException("prompt must have at least 1 token, got 0");
        }
        if (maxTokens < 1) {
            throw new InputException("max_tokens must be at least 1, got " + maxTokens);
        }
        if (ending.leastTokens() > maxTokens) {
            throw new InputException(
                    "min_tokens must be at most max_tokens, " + maxTokens + ", got " + ending.leastTokens());
        }
        timeout.ifPresent(time -> {
            if (!time.isPositive()) {
                throw new InputException("timeout must be positive, got " + time);
            }
        });
    }

    /// Makes a request for the likeliest tokens, of those that keep the text whole UTF-8.
    ///
    /// @param prompt ids of the text to continue
    /// @param maxTokens most tokens to write
    /// @return the request
    public static GenerationRequest greedy(int[] prompt, int maxTokens) {
        return builder(prompt, maxTokens).build();
    }

    /// Starts from a request for the likeliest tokens, of those that keep the text whole UTF-8.
    ///
    /// @param prompt ids of the text to continue
    /// @param maxTokens most tokens to write
    /// @return a builder
    public static Builder builder(int[] prompt, int maxTokens) {
        return new Builder(prompt, maxTokens);
    }

    /// Starts from this request.
    ///
    /// @return a builder with the same values
    public Builder toBuilder() {
        Builder builder = new Builder(prompt, maxTokens);
        builder.sampling = decoding.sampling();
        builder.penalties = decoding.penalties();
        builder.logitBias = decoding.logitBias();
        builder.seed = decoding.seed();
        builder.ending = ending;
        builder.constraint = constraint;
        builder.wholeUtf8 = wholeUtf8;
        builder.route = route;
        builder.report = report;
        builder.timeout = timeout;
        builder.owner = owner;
        return builder;
    }

    /// A builder of requests, which are checked when they are built.
    public static final class Builder {

        private int[] prompt;
        private int maxTokens;
        private SamplingSettings sampling = SamplingSettings.GREEDY;
        private Penalties penalties = Penalties.NONE;
        private Map<Integer, Double> logitBias = Map.of();
        private long seed;
        private StopConditions ending = StopConditions.OF_TEXT;
        private Optional<TextConstraint> constraint = Optional.empty();
        private boolean wholeUtf8 = true;
        private RouteSettings route = RouteSettings.MODEL;
        private ReportSettings report = ReportSettings.WRITTEN;
        private Optional<Duration> timeout = Optional.empty();
        private String owner = ANYONE;

        private Builder(int[] prompt, int maxTokens) {
            this.prompt = prompt;
            this.maxTokens = maxTokens;
        }

        /// Sets the text to continue.
        ///
        /// @param prompt its ids, not empty
        /// @return this builder
        public Builder prompt(int[] prompt) {
            this.prompt = prompt;
            return this;
        }

        /// Sets the length of the answer.
        ///
        /// @param maxTokens most tokens to write, at least 1
        /// @return this builder
        public Builder maxTokens(int maxTokens) {
            this.maxTokens = maxTokens;
            return this;
        }

        /// Sets how tokens are drawn.
        ///
        /// @param sampling how
        /// @return this builder
        public Builder sampling(SamplingSettings sampling) {
            this.sampling = sampling;
            return this;
        }

        /// Sets what becomes less likely.
        ///
        /// @param penalties penalties of tokens that have been used
        /// @return this builder
        public Builder penalties(Penalties penalties) {
            this.penalties = penalties;
            return this;
        }

        /// Sets what is added to logits.
        ///
        /// @param logitBias by token id, in [-100, 100]
        /// @return this builder
        public Builder logitBias(Map<Integer, Double> logitBias) {
            this.logitBias = logitBias;
            return this;
        }

        /// Names the random numbers.
        ///
        /// @param seed the same seed gives the same text
        /// @return this builder
        public Builder seed(long seed) {
            this.seed = seed;
            return this;
        }

        /// Sets what ends the answer before its tokens run out.
        ///
        /// @param ending texts, tokens, and the end of text
        /// @return this builder
        public Builder ending(StopConditions ending) {
            this.ending = ending;
            return this;
        }

        /// Sets the form that the answer must have.
        ///
        /// @param constraint form of the text
        /// @return this builder
        public Builder constraint(TextConstraint constraint) {
            this.constraint = Optional.of(constraint);
            return this;
        }

        /// Sets whether the answer's characters are whole.
        ///
        /// @param wholeUtf8 false lets any token be drawn
        /// @return this builder
        public Builder wholeUtf8(boolean wholeUtf8) {
            this.wholeUtf8 = wholeUtf8;
            return this;
        }

        /// Sets what is asked of depth.
        ///
        /// @param route bounds, effort and forced depths
        /// @return this builder
        public Builder route(RouteSettings route) {
            this.route = route;
            return this;
        }

        /// Sets what is wanted to know about tokens.
        ///
        /// @param report beside their text
        /// @return this builder
        public Builder report(ReportSettings report) {
            this.report = report;
            return this;
        }

        /// Sets how long the answer may take.
        ///
        /// @param timeout from submission, waiting included
        /// @return this builder
        public Builder timeout(Duration timeout) {
            this.timeout = Optional.of(timeout);
            return this;
        }

        /// Sets with whom the request shares what is kept of texts.
        ///
        /// @param owner name of the owner
        /// @return this builder
        public Builder owner(String owner) {
            this.owner = owner;
            return this;
        }

        /// Checks and builds the request.
        ///
        /// @return the request
        /// @throws InputException naming the setting, what is allowed, and what was got
        public GenerationRequest build() {
            return new GenerationRequest(
                    prompt,
                    maxTokens,
                    new DecodingSettings(sampling, penalties, logitBias, seed),
                    ending,
                    constraint,
                    wholeUtf8,
                    route,
                    report,
                    timeout,
                    owner);
        }
    }
}
