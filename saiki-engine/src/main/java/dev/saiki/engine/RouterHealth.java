package dev.saiki.engine;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The health of an engine's router.
///
/// @param state whether its decisions are followed
/// @param reason why they are not; empty while they are
/// @param trips how often each problem has taken the decisions away from it
/// @param transitions the newest changes of state, oldest first
/// @param scoresNotFinite router scores that were NaN or infinite, ever
/// @param logitsNotFinite sets of logits that were NaN or infinite, ever; the answers they belonged to have failed
/// @param overruledTokens tokens that took all recursions whatever the router said, ever
/// @param window what the router chose for the newest tokens whose depth was left to it
public record RouterHealth(
        State state,
        Optional<Problem> reason,
        Map<Problem, Long> trips,
        List<Transition> transitions,
        long scoresNotFinite,
        long logitsNotFinite,
        long overruledTokens,
        Window window) {

    /// Keeps its own copies.
    public RouterHealth {
        trips = Map.copyOf(trips);
        transitions = List.copyOf(transitions);
    }

    /// The state of the circuit breaker: whether a router's decisions are followed.
    public enum State {
        /// They are.
        CLOSED,
        /// They are not: every token takes all recursions.
        OPEN,
        /// They are not yet, but judged.
        HALF_OPEN
    }

    /// A problem that a router can have.
    public enum Problem {
        /// A score was NaN or infinite.
        NOT_FINITE,
        /// All tokens were sent to the same depth, which is not what training led to expect.
        COLLAPSE,
        /// No token took a recursion that tokens took in training.
        DEAD_RECURSION,
        /// Depths are too far from those of training.
        DRIFT
    }

    /// A change of state.
    ///
    /// @param number rises by 1 with every change
    /// @param state the new one
    /// @param reason why, if something was wrong
    /// @param detail what was seen, for people
    public record Transition(long number, State state, Optional<Problem> reason, String detail) {}

    /// The depths that a router chose for the newest tokens, beside those to be expected.
    ///
    /// @param tokens how many; the window slides
    /// @param shares of tokens by depth, from 1; all 0 while there are none
    /// @param expected the shares that training leads to expect at the efforts of these tokens; empty if nothing is
    ///     known of the training
    /// @param drift half the sum of the absolute differences between the two; NaN if one is missing
    /// @param confidence mean probability that the router gave to what it decided; NaN without a decision
    public record Window(long tokens, List<Double> shares, List<Double> expected, double drift, double confidence) {

        /// Keeps its own copies of the lists.
        public Window {
            shares = List.copyOf(shares);
            expected = List.copyOf(expected);
        }
    }
}
