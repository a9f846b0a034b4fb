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
/// @param maxTokens maximum number of tokens to generate, at least 1
/// @param decoding settings of decoding
/// @param ending conditions that end the answer before the token limit
/// @param constraint the required form of the answer, if any
/// @param wholeUtf8 whether the answer is restricted to valid UTF-8. If so, tokens that cannot continue the
///     text as valid UTF-8 are masked, and so are end tokens in the middle of a character. The mask is
///     applied after penalties, bias and form, and before temperature and filters; reported log-probabilities
///     remain those of the model over all tokens. Without a tokenizer, the setting has no effect, because
///     there is no text
/// @param route depth settings
/// @param report what to report about tokens in addition to their text
/// @param timeout maximum time for the answer, including the wait in the queue
/// @param owner name under which texts are cached. A request reuses only prefixes of the same owner's texts,
///     so that response times reveal nothing about other owners' texts
@SuppressWarnings("ArrayRecordComponent") // There can be many ids; requests are never compared.
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

    /// The owner of all requests that name no owner.
    public static final String ANYONE = "";

    /// Checks every setting and makes defensive copies.
    ///
    /// @throws InputException naming the setting, the allowed values, and the given value
    public GenerationRequest {
        prompt = prompt.clone();
        InputException.require(prompt.length != 0, "prompt must have at least 1 token, got 0");
        InputException.requireAtLeast("max_tokens", maxTokens, 1);
        InputException.require(
                ending.minTokens() <= maxTokens, "min_tokens", "at most max_tokens, " + maxTokens, ending.minTokens());
        timeout.ifPresent(time -> InputException.require(time.isPositive(), "timeout", "positive", time));
    }

    /// Makes a greedy request whose answer is restricted to whole UTF-8 characters.
    ///
    /// @param prompt ids of the text to continue
    /// @param maxTokens maximum number of tokens to generate
    /// @return the request
    public static GenerationRequest greedy(int[] prompt, int maxTokens) {
        return builder(prompt, maxTokens).build();
    }

    /// Starts from a greedy request whose answer is restricted to whole UTF-8 characters.
    ///
    /// @param prompt ids of the text to continue
    /// @param maxTokens maximum number of tokens to generate
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

    /// A builder of requests, which checks them when it builds them.
    public static final class Builder {

        private int[] prompt;
        private final int maxTokens;
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
        /// @param prompt ids of the text, not empty
        /// @return this builder
        public Builder prompt(int[] prompt) {
            this.prompt = prompt;
            return this;
        }

        /// Sets how tokens are sampled.
        ///
        /// @param sampling settings of sampling
        /// @return this builder
        public Builder sampling(SamplingSettings sampling) {
            this.sampling = sampling;
            return this;
        }

        /// Sets the penalties.
        ///
        /// @param penalties penalties for tokens that have already been used
        /// @return this builder
        public Builder penalties(Penalties penalties) {
            this.penalties = penalties;
            return this;
        }

        /// Sets the bias that is added to logits.
        ///
        /// @param logitBias bias by token id, in [-100, 100]
        /// @return this builder
        public Builder logitBias(Map<Integer, Double> logitBias) {
            this.logitBias = logitBias;
            return this;
        }

        /// Sets the seed of the random numbers.
        ///
        /// @param seed seed; equal requests with the same seed give the same text
        /// @return this builder
        public Builder seed(long seed) {
            this.seed = seed;
            return this;
        }

        /// Sets the conditions that end the answer before its token limit.
        ///
        /// @param ending stop strings, stop tokens, and whether the model may end the text
        /// @return this builder
        public Builder ending(StopConditions ending) {
            this.ending = ending;
            return this;
        }

        /// Sets the required form of the answer, such as a grammar or a schema.
        ///
        /// @param constraint form of the text
        /// @return this builder
        public Builder constraint(TextConstraint constraint) {
            this.constraint = Optional.of(constraint);
            return this;
        }

        /// Sets whether the answer is restricted to whole UTF-8 characters.
        ///
        /// @param wholeUtf8 whether the answer is restricted; if not, any token can be drawn
        /// @return this builder
        public Builder wholeUtf8(boolean wholeUtf8) {
            this.wholeUtf8 = wholeUtf8;
            return this;
        }

        /// Sets the depth settings.
        ///
        /// @param route bounds, effort and forced depths
        /// @return this builder
        public Builder route(RouteSettings route) {
            this.route = route;
            return this;
        }

        /// Sets what to report about tokens.
        ///
        /// @param report what to report in addition to the text
        /// @return this builder
        public Builder report(ReportSettings report) {
            this.report = report;
            return this;
        }

        /// Sets the maximum time for the answer.
        ///
        /// @param timeout time from submission, including the wait in the queue
        /// @return this builder
        public Builder timeout(Duration timeout) {
            this.timeout = Optional.of(timeout);
            return this;
        }

        /// Sets the owner of the request; requests of one owner share cached texts.
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
        /// @throws InputException naming the setting, the allowed values, and the given value
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
