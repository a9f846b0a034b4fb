package dev.saiki.engine;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The health of an engine's router.
///
/// @param state whether its decisions are followed: for all, or for the owner for whom they are followed least
/// @param reason why they are not; empty while they are
/// @param forAll whether they are not followed for anybody
/// @param referenceDepth what a token takes where they are not followed, from 1
/// @param trips how often each problem has taken the decisions away from it
/// @param transitions the newest changes of state, oldest first
/// @param counts of what was seen
/// @param window what the router chose for the newest prompts whose depth was left to it, of all owners
/// @param owners whose requests are judged by themselves, those that were quiet longest first
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

    /// Keeps its own copies.
    public RouterHealth {
        trips = Map.copyOf(trips);
        transitions = List.copyOf(transitions);
        owners = List.copyOf(owners);
    }

    /// Counts those for whom the router's decisions are not followed, if it is not for all.
    ///
    /// @return owners
    public long numOverruledOwners() {
        return owners.stream().filter(owner -> owner.state() != State.CLOSED).count();
    }

    /// Leaves out the owners for whom the router is followed, to be kept for long.
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
        /// They are.
        CLOSED,
        /// They are not: every token takes the reference depth.
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

    /// Counts since the engine was opened.
    ///
    /// @param scoresNotFinite router scores that were NaN or infinite
    /// @param logitsNotFinite sets of logits that were NaN or infinite; the answers they belonged to have failed
    /// @param overruledTokens tokens that took the reference depth whatever the router said
    public record Counts(long scoresNotFinite, long logitsNotFinite, long overruledTokens) {}

    /// A change of state.
    ///
    /// @param number rises by 1 with every change
    /// @param state the new one
    /// @param reason why, if something was wrong
    /// @param owner for whose requests; empty for all
    /// @param detail what was seen, for people
    public record Transition(
            long number, State state, Optional<Problem> reason, Optional<String> owner, String detail) {}

    /// An owner of requests, and the state of the router for them.
    ///
    /// @param name of the owner, {@link GenerationRequest#ANYONE} for requests that have none
    /// @param state whether the router is followed for them
    /// @param reason why it is not
    /// @param window what the router chose for the newest of their prompts
    public record Owner(String name, State state, Optional<Problem> reason, Window window) {}

    /// The depths that a router chose for the latest distinct prompts and their answers, beside the expected ones.
    ///
    /// @param tokens how many count; the window slides
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
