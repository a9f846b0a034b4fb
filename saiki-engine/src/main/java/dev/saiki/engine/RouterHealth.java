package dev.saiki.engine;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The health of an engine's router.
///
/// @param state whether its decisions are followed: the state for all requests, or else the worst state of any
///     owner
/// @param reason why they are not followed; empty while they are
/// @param forAll whether its decisions are followed for no request
/// @param referenceDepth depth of tokens for which it is overruled, from 1
/// @param trips number of times each problem has opened the circuit breaker
/// @param transitions the latest changes of state, oldest first
/// @param counts numbers of events so far
/// @param window the router's choices for the latest prompts of all owners whose depth was left to it
/// @param owners those whose requests are judged separately, the least recently active first
public record RouterHealth(
        State state,
        Optional<Problem> reason,
        boolean forAll,
        int referenceDepth,
        Map<Problem, Long> trips,
        List<Transition> transitions,
        Counts counts,
        Window window,
        List<Owner> owners) {

    /// Makes defensive copies.
    public RouterHealth {
        trips = Map.copyOf(trips);
        transitions = List.copyOf(transitions);
        owners = List.copyOf(owners);
    }

    /// Counts the owners for whom the router is overruled, where it is not overruled for all.
    ///
    /// @return owners
    public long numOverruledOwners() {
        return owners.stream().filter(owner -> owner.state() != State.CLOSED).count();
    }

    /// Returns a copy for long-term storage, without the owners for whom the router is followed.
    ///
    /// @return the rest
    public RouterHealth brief() {
        return new RouterHealth(
                state,
                reason,
                forAll,
                referenceDepth,
                trips,
                transitions,
                counts,
                window,
                owners.stream().filter(owner -> owner.state() != State.CLOSED).toList());
    }

    /// The state of the circuit breaker: whether a router's decisions are followed.
    public enum State {
        /// The decisions are followed.
        CLOSED,
        /// The decisions are overruled: every token takes the reference depth.
        OPEN,
        /// The decisions are still overruled, but evaluated.
        HALF_OPEN
    }

    /// A problem that a router can have.
    public enum Problem {
        /// A score was not finite.
        NOT_FINITE,
        /// All tokens were sent to the same depth, against what training led to expect.
        COLLAPSE,
        /// No token took a recursion that tokens took in training.
        DEAD_RECURSION,
        /// Depths differ too much from those of training.
        DRIFT
    }

    /// Counts since the engine was opened.
    ///
    /// @param scoresNotFinite router scores that were not finite
    /// @param logitsNotFinite logit vectors with a non-finite value; their answers have failed
    /// @param overruledTokens tokens that took the reference depth regardless of the router
    public record Counts(long scoresNotFinite, long logitsNotFinite, long overruledTokens) {}

    /// A change of state.
    ///
    /// @param number increases by 1 with every change
    /// @param state the new state
    /// @param reason the problem, if there was one
    /// @param owner whose requests it applies to; empty for all
    /// @param detail description for people
    public record Transition(
            long number, State state, Optional<Problem> reason, Optional<String> owner, String detail) {}

    /// An owner of requests, and the state of the router for that owner.
    ///
    /// @param name of the owner, {@link GenerationRequest#ANYONE} for requests that name none
    /// @param state whether the router is followed for the owner's requests
    /// @param reason why the router is not followed
    /// @param window the router's choices for the latest of the owner's prompts
    public record Owner(String name, State state, Optional<Problem> reason, Window window) {}

    /// The depths that a router chose for the latest distinct prompts and their answers, with the expected depths.
    ///
    /// @param tokens number of counted tokens; the window slides
    /// @param shares of tokens by depth, from 1; all 0 while no token is counted
    /// @param expected the shares expected from training at the efforts of these tokens; empty if training
    ///     recorded none
    /// @param drift half the sum of the absolute differences between the two; NaN if one of them is missing
    /// @param confidence mean probability that the router gave to its decisions; NaN without a decision
    public record Window(long tokens, List<Double> shares, List<Double> expected, double drift, double confidence) {

        /// Makes defensive copies of the lists.
        public Window {
            shares = List.copyOf(shares);
            expected = List.copyOf(expected);
        }
    }
}
