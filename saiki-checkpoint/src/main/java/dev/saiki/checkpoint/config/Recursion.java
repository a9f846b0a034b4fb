package dev.saiki.checkpoint.config;

import dev.saiki.checkpoint.json.ValueChecks;
import dev.saiki.io.Problems;
import java.util.List;

/// The number of times that the shared block is applied, the layout of its layers, and how a step is taken.
///
/// @param sharing which unrolled layers share weights
/// @param numRecursions recursion steps, at least 1
/// @param entryLayers layers with weights of their own before the recursion: at least 1 with the middle kinds, 0 with
///     the others
/// @param exitLayers layers with weights of their own after the recursion, as many as may stand before it
/// @param stepGates whether each step r ≥ 1 has a learned gate, H ← H + g_r · (f(H) − H), and step 0 is H ← f(H); the
///     router's score then only decides who goes on
public record Recursion(
        ParameterSharing sharing, int numRecursions, int entryLayers, int exitLayers, boolean stepGates) {

    /// Checks the numbers.
    public Recursion {
        Problems.requireAll(
                () -> ValueChecks.range("recursion.num_recursions", numRecursions, 1, ModelConfig.MAX_LAYERS),
                () -> requireEnd("recursion.entry_layers", entryLayers, sharing),
                () -> requireEnd("recursion.exit_layers", exitLayers, sharing),
                () -> requireSteps(stepGates, sharing, numRecursions));
    }

    /// Makes a recursion without gates of its steps.
    ///
    /// @param sharing which unrolled layers share weights
    /// @param numRecursions recursion steps, at least 1
    /// @param entryLayers layers with weights of their own before the recursion
    /// @param exitLayers layers with weights of their own after the recursion
    public Recursion(ParameterSharing sharing, int numRecursions, int entryLayers, int exitLayers) {
        this(sharing, numRecursions, entryLayers, exitLayers, false);
    }

    /// Makes a recursion with the usual ends: one layer each with the middle kinds, none with the others.
    ///
    /// @param sharing which unrolled layers share weights
    /// @param numRecursions recursion steps, at least 1
    public Recursion(ParameterSharing sharing, int numRecursions) {
        this(sharing, numRecursions, sharing.usualUnsharedLayers(), sharing.usualUnsharedLayers());
    }

    private static void requireEnd(String key, int layers, ParameterSharing sharing) {
        if (sharing.hasUnsharedEnds()) {
            ValueChecks.range(key, layers, 1, ModelConfig.MAX_LAYERS);
        } else if (layers != 0) {
            throw ValueChecks.wrong(
                    key, "absent with recursion.sharing " + sharing.key() + ", which shares all layers", layers);
        }
    }

    private static void requireSteps(boolean stepGates, ParameterSharing sharing, int numRecursions) {
        if (stepGates && !sharing.isCycle()) {
            throw ValueChecks.wrong(
                    "recursion.step_gates",
                    "false with recursion.sharing " + sharing.key() + ", whose layers are repeated in place",
                    true);
        }
        if (stepGates && numRecursions == 1) {
            throw ValueChecks.wrong(
                    "recursion.step_gates", "false with one recursion, for the first step has no gate", true);
        }
    }

    /// Copies the recursion with gates of its steps.
    ///
    /// @return the copy
    public Recursion withStepGates() {
        return new Recursion(sharing, numRecursions, entryLayers, exitLayers, true);
    }

    /// Counts the layers outside the recursion.
    ///
    /// @return those before and those after it
    public int unsharedLayers() {
        return entryLayers + exitLayers;
    }

    /// Tells whether the ends are the usual ones, which a configuration does not state.
    ///
    /// @return true with one layer at each end of a middle kind, and with every other kind
    public boolean hasUsualEnds() {
        int usual = sharing.usualUnsharedLayers();
        return entryLayers == usual && exitLayers == usual;
    }

    /// Refuses a routing that does not go with the recursion.
    void requireFitting(Routing routing) {
        Problems.requireAll(() -> requireGateless(routing), () -> requireEntries(routing));
    }

    private void requireGateless(Routing routing) {
        if (stepGates && routing instanceof Routing.TokenChoice) {
            throw ValueChecks.wrong(
                    "recursion.step_gates",
                    "false with routing.type token_choice, whose router gives each step its gate",
                    true);
        }
        if (stepGates && !routing.equals(routing.withUsualGate())) {
            throw ValueChecks.wrong(
                    "routing",
                    "without router_func, alpha and gating with recursion.step_gates, for its score gates nothing",
                    routing);
        }
    }

    private void requireEntries(Routing routing) {
        switch (routing) {
            case Routing.ExpertChoice expert -> {
                requireEntries("routing.capacity", expert.capacity());
                requireEntries("routing.threshold", expert.threshold());
            }
            case Routing.Random random -> requireEntries("routing.capacity", random.capacity());
            case Routing.None _, Routing.TokenChoice _, Routing.ExpertThreshold _ -> {}
        }
    }

    private void requireEntries(String key, List<Double> entries) {
        if (entries.size() != numRecursions) {
            throw ValueChecks.wrong(
                    key,
                    "a list with recursion.num_recursions (" + numRecursions + ") entries",
                    entries.size() + (entries.size() == 1 ? " entry" : " entries"));
        }
    }
}
