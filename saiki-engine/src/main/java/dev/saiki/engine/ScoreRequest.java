package dev.saiki.engine;

import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.io.InputException;

/// A request for the log-probabilities of a text's tokens.
///
/// @param ids the text, not empty
/// @param firstScored position of the first token to score, at least 1; earlier tokens serve only as context,
///     which costs less
/// @param alternatives number of likeliest tokens to report at each scored position, at most {@value
///     #MAX_ALTERNATIVES}
/// @param lastIsRead whether the last token is computed too, so that its depth is reported; otherwise that
///     token is only predicted, and the text may be one token longer than the model's context
/// @param route depth settings
/// @param watcher receives the logits of every scored position
@SuppressWarnings("ArrayRecordComponent") // There can be many ids; requests are never compared.
public record ScoreRequest(
        int[] ids, int firstScored, int alternatives, boolean lastIsRead, RouteSettings route, LogitsWatcher watcher) {

    /// An observer of logits. The observer is called on the engine's thread, which is blocked meanwhile.
    @FunctionalInterface
    public interface LogitsWatcher {

        /// No observer.
        LogitsWatcher NONE = (_, _) -> {};

        /// Observes the logits of a position. After a preemption, the positions are passed again with the same
        /// logits.
        ///
        /// @param position the position of the predicted token
        /// @param logits the logits of the whole vocabulary; must not be modified
        void look(int position, float[] logits);
    }

    /// The maximum number of alternatives for a position.
    public static final int MAX_ALTERNATIVES = 20;

    /// Checks every setting and makes a defensive copy.
    ///
    /// @throws InputException naming the setting, the allowed values, and the given value
    public ScoreRequest {
        ids = ids.clone();
        if (ids.length < (lastIsRead ? 1 : 2)) {
            throw new InputException("a text to score must have at least " + (lastIsRead ? "1 token" : "2 tokens")
                    + ", got " + ids.length);
        }
        InputException.requireBetween("the first position to score", firstScored, 1, ids.length);
        requireAlternatives(alternatives);
    }

    /// Makes a request that scores every token from the second on.
    ///
    /// @param ids the text
    /// @param route depth settings
    /// @return the request
    public static ScoreRequest of(int[] ids, RouteSettings route) {
        return builder(ids, route).build();
    }

    static void requireAlternatives(int count) {
        InputException.requireBetween("top_logprobs", count, 0, MAX_ALTERNATIVES);
    }

    /// Counts the tokens to compute.
    int read() {
        return lastIsRead ? ids.length : ids.length - 1;
    }

    /// Starts from a request that scores every token from the second on.
    ///
    /// @param ids the text
    /// @param route depth settings
    /// @return a builder
    public static Builder builder(int[] ids, RouteSettings route) {
        return new Builder(ids, route);
    }

    /// A builder of requests, which checks them when it builds them.
    public static final class Builder {

        private final int[] ids;
        private final RouteSettings route;
        private int firstScored = 1;
        private int alternatives;
        private boolean lastIsRead = true;
        private LogitsWatcher watcher = LogitsWatcher.NONE;

        private Builder(int[] ids, RouteSettings route) {
            this.ids = ids;
            this.route = route;
        }

        /// Sets the number of likeliest tokens to report at each scored position.
        ///
        /// @param alternatives number of likeliest tokens to report
        /// @return this builder
        public Builder alternatives(int alternatives) {
            this.alternatives = alternatives;
            return this;
        }

        /// Sets whether the last token is computed too, so that its depth is reported.
        ///
        /// @param lastIsRead whether the last token is computed
        /// @return this builder
        public Builder lastIsRead(boolean lastIsRead) {
            this.lastIsRead = lastIsRead;
            return this;
        }

        /// Scores only the end of the text, without computing its last token.
        ///
        /// @param position the position of the first token to score
        /// @return this builder
        public Builder continuationFrom(int position) {
            this.firstScored = position;
            return lastIsRead(false);
        }

        /// Sets the observer of the logits of every scored position.
        ///
        /// @param watcher receives the logits
        /// @return this builder
        public Builder watcher(LogitsWatcher watcher) {
            this.watcher = watcher;
            return this;
        }

        /// Checks and builds the request.
        ///
        /// @return the request
        /// @throws InputException naming the setting, the allowed values, and the given value
        public ScoreRequest build() {
            return new ScoreRequest(ids, firstScored, alternatives, lastIsRead, route, watcher);
        }
    }
}
