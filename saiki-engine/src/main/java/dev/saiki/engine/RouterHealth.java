package dev.saiki.engine;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The health of an engine's router.
///
/// @param state state of the breaker for all requests; if this breaker is closed, the worst state of any owner's
///     breaker
/// @param reason the reason why the decisions are not followed; empty while they are followed
/// @param forAll whether the decisions are overruled for all requests
/// @param referenceDepth depth of a token when the router is overruled, from 1
/// @param trips number of times that each problem has opened the circuit breaker
/// @param transitions the latest changes of state, oldest first
/// @param counts numbers of events so far
/// @param window the router's choices for the latest prompts of all owners, from requests that left the depth to
///     the router
/// @param owners the owners whose requests are judged separately; the least recently active owner comes first
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

    /// Counts the owners whose own breakers overrule the router.
    ///
    /// @return number of owners
    public long numOverruledOwners() {
        return owners.stream().filter(owner -> owner.state() != State.CLOSED).count();
    }

    /// Returns a copy for long-term storage, which omits the owners for whom the router is followed.
    ///
    /// @return the copy
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
        /// The decisions are evaluated but still overruled.
        HALF_OPEN
    }

    /// A problem that a router can have.
    public enum Problem {
        /// A score was not finite.
        NOT_FINITE,
        /// All tokens were sent to one depth, although training used several.
        COLLAPSE,
        /// No token took a recursion step that tokens took in training.
        DEAD_RECURSION,
        /// Depths differ too much from those of training.
        DRIFT
    }

    /// Counts since the engine was opened.
    ///
    /// @param scoresNotFinite number of router scores that were not finite
    /// @param logitsNotFinite number of logit vectors with a non-finite value; the affected answers failed
    /// @param overruledTokens number of tokens that took the reference depth regardless of the router
    public record Counts(long scoresNotFinite, long logitsNotFinite, long overruledTokens) {}

    /// A change of the breaker's state.
    ///
    /// @param number increases by 1 with every change
    /// @param state the new state
    /// @param reason the problem that caused the change, if any
    /// @param owner the owner whose requests the change affects; empty if it affects all requests
    /// @param detail description for people
    public record Transition(
            long number, State state, Optional<Problem> reason, Optional<String> owner, String detail) {}

    /// An owner of requests, with the state of the breaker for that owner.
    ///
    /// @param name the name of the owner, {@link GenerationRequest#ANYONE} for requests that name no owner
    /// @param state whether the router is followed for the owner's requests
    /// @param reason the reason why the router is not followed; empty while it is followed
    /// @param window the router's choices for the latest of the owner's prompts
    public record Owner(String name, State state, Optional<Problem> reason, Window window) {}

    /// The depths that a router chose for the latest distinct prompts and their answers, with the expected depths.
    ///
    /// @param tokens number of counted tokens in the window
    /// @param shares share of tokens at each depth, from depth 1; all 0 if no token is counted
    /// @param expected expected shares at the efforts of these tokens, derived from training; empty if training
    ///     recorded no shares
    /// @param drift total variation distance, half the sum of the absolute differences between `shares` and
    ///     `expected`; NaN if either is missing
    /// @param confidence mean probability that the router assigned to its decisions; NaN if there were no
    ///     decisions
    public record Window(long tokens, List<Double> shares, List<Double> expected, double drift, double confidence) {

        /// Makes defensive copies of the lists.
        public Window {
            shares = List.copyOf(shares);
            expected = List.copyOf(expected);
        }
    }
}
