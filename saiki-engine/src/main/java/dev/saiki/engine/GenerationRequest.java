package dev.saiki.engine;

import dev.saiki.engine.constraint.TextConstraint;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.io.InputException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// What to write.
///
/// @param prompt ids of the text to continue, not empty
/// @param maxTokens most tokens to write, at least 1
/// @param sampling how a token is drawn
/// @param penalties what becomes less likely
/// @param logitBias is added to the logits of tokens; -100 as good as bans one
/// @param seed names the random numbers: the same seed gives the same text
/// @param ending what ends the answer before
/// @param constraint the form that the answer must have, if any
/// @param wholeUtf8 whether only tokens are drawn that can continue the text as valid UTF-8, and none ends it within a
///     character. The choice is between what the penalties, the bias and the form have left, before temperature and
///     filters; log-probabilities that are reported stay those of the model, of all tokens. Without a tokenizer there
///     is no text, and it does nothing
/// @param route what is asked of depth
/// @param report what is wanted to know about tokens beside their text
/// @param timeout how long the answer may take, waiting included
/// @param owner with whom it shares what is kept of texts: a request finds the beginnings of texts that came under the
///     same name, and of no others, so that nobody can find out from times what another one has sent
@SuppressWarnings("ArrayRecordComponent") // Ids are many, and nothing compares requests.
public record GenerationRequest(
        int[] prompt,
        int maxTokens,
        SamplingSettings sampling,
        Penalties penalties,
        Map<Integer, Double> logitBias,
        long seed,
        Ending ending,
        Optional<TextConstraint> constraint,
        boolean wholeUtf8,
        RouteSettings route,
        TokenReport report,
        Optional<Duration> timeout,
        String owner) {

    /// Everyone who is not told apart.
    public static final String ANYONE = "";

    private static final double GREATEST_BIAS = 100;

    /// Checks every setting and keeps its own copies.
    ///
    /// @throws InputException naming the setting, what is allowed, and what was got
    public GenerationRequest {
        prompt = prompt.clone();
        logitBias = Map.copyOf(logitBias);
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
        logitBias.forEach((id, bias) -> {
            if (!(Math.abs(bias) <= GREATEST_BIAS)) {
                throw new InputException("logit_bias of token " + id + " must be in [-100, 100], got " + bias);
            }
        });
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
        return new GenerationRequest(
                prompt,
                maxTokens,
                SamplingSettings.GREEDY,
                Penalties.NONE,
                Map.of(),
                0,
                Ending.OF_TEXT,
                Optional.empty(),
                true,
                RouteSettings.MODEL,
                TokenReport.WRITTEN,
                Optional.empty(),
                ANYONE);
    }

    /// Replaces how tokens are drawn.
    ///
    /// @param settings how
    /// @param names the random numbers
    /// @return changed request
    public GenerationRequest withSampling(SamplingSettings settings, long names) {
        return new GenerationRequest(
                prompt,
                maxTokens,
                settings,
                penalties,
                logitBias,
                names,
                ending,
                constraint,
                wholeUtf8,
                route,
                report,
                timeout,
                owner);
    }

    /// Replaces what becomes less likely, and what more.
    ///
    /// @param less penalties
    /// @param bias added to logits
    /// @return changed request
    public GenerationRequest withPenalties(Penalties less, Map<Integer, Double> bias) {
        return new GenerationRequest(
                prompt,
                maxTokens,
                sampling,
                less,
                bias,
                seed,
                ending,
                constraint,
                wholeUtf8,
                route,
                report,
                timeout,
                owner);
    }

    /// Replaces what ends the answer.
    ///
    /// @param texts stop texts
    /// @param mayEnd whether the model may end the text itself
    /// @return changed request
    public GenerationRequest withStop(List<String> texts, boolean mayEnd) {
        return withEnding(new Ending(texts, Set.of(), mayEnd, 0));
    }

    /// Replaces what ends the answer.
    ///
    /// @param what ends it
    /// @return changed request
    public GenerationRequest withEnding(Ending what) {
        return new GenerationRequest(
                prompt,
                maxTokens,
                sampling,
                penalties,
                logitBias,
                seed,
                what,
                constraint,
                wholeUtf8,
                route,
                report,
                timeout,
                owner);
    }

    /// Replaces the form that the answer must have.
    ///
    /// @param form of the text
    /// @return changed request
    public GenerationRequest withConstraint(TextConstraint form) {
        return new GenerationRequest(
                prompt,
                maxTokens,
                sampling,
                penalties,
                logitBias,
                seed,
                ending,
                Optional.of(form),
                wholeUtf8,
                route,
                report,
                timeout,
                owner);
    }

    /// Replaces whether the answer's characters are whole.
    ///
    /// @param whole false lets any token be drawn
    /// @return changed request
    public GenerationRequest withWholeUtf8(boolean whole) {
        return new GenerationRequest(
                prompt,
                maxTokens,
                sampling,
                penalties,
                logitBias,
                seed,
                ending,
                constraint,
                whole,
                route,
                report,
                timeout,
                owner);
    }

    /// Replaces what is asked of depth.
    ///
    /// @param settings bounds and effort
    /// @return changed request
    public GenerationRequest withRoute(RouteSettings settings) {
        return new GenerationRequest(
                prompt,
                maxTokens,
                sampling,
                penalties,
                logitBias,
                seed,
                ending,
                constraint,
                wholeUtf8,
                settings,
                report,
                timeout,
                owner);
    }

    /// Replaces how long the answer may take.
    ///
    /// @param time from submission
    /// @return changed request
    public GenerationRequest withTimeout(Duration time) {
        return new GenerationRequest(
                prompt,
                maxTokens,
                sampling,
                penalties,
                logitBias,
                seed,
                ending,
                constraint,
                wholeUtf8,
                route,
                report,
                Optional.of(time),
                owner);
    }

    /// Replaces what is wanted to know about tokens.
    ///
    /// @param wanted beside their text
    /// @return changed request
    public GenerationRequest withReport(TokenReport wanted) {
        return new GenerationRequest(
                prompt,
                maxTokens,
                sampling,
                penalties,
                logitBias,
                seed,
                ending,
                constraint,
                wholeUtf8,
                route,
                wanted,
                timeout,
                owner);
    }

    /// Replaces with whom it shares what is kept of texts.
    ///
    /// @param name of the owner
    /// @return changed request
    public GenerationRequest withOwner(String name) {
        return new GenerationRequest(
                prompt,
                maxTokens,
                sampling,
                penalties,
                logitBias,
                seed,
                ending,
                constraint,
                wholeUtf8,
                route,
                report,
                timeout,
                name);
    }
}
