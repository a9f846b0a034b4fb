package dev.saiki.checkpoint.config;

import dev.saiki.checkpoint.json.ValueChecks;
import dev.saiki.io.InputException;
import dev.saiki.io.Problems;
import java.util.List;
import java.util.Optional;

/// The recursion of a model: the number of steps, the layout of shared layers, and the parameters that each
/// step has of its own.
///
/// @param sharing which unrolled layers share weights
/// @param numRecursions recursion steps, at least 1
/// @param entryLayers number of layers with their own weights before the recursion: at least 1 for the middle
///     kinds, 0 for the other kinds
/// @param exitLayers number of layers with their own weights after the recursion, with the same limits as for
///     the entry layers
/// @param stepGates whether each step r ≥ 1 has a learned gate, H ← H + g_r · (f(H) − H), while step 0 is H ←
///     f(H); the router's score then only decides which tokens continue
/// @param stepLora low-rank updates of the shared layers' linear maps, a separate one for each step r ≥ 1
/// @param stepNorms whether each step r ≥ 1 has its own norms of the shared layers
/// @param injection whether each step r ≥ 1 also receives the state with which a token entered the recursion,
///     in a bounded share
public record Recursion(
        ParameterSharing sharing,
        int numRecursions,
        int entryLayers,
        int exitLayers,
        boolean stepGates,
        Optional<StepLora> stepLora,
        boolean stepNorms,
        boolean injection) {

    /// Checks the numbers.
    public Recursion {
        Problems.requireAll(
                () -> ValueChecks.range("recursion.num_recursions", numRecursions, 1, ModelConfig.MAX_LAYERS),
                () -> requireEnd("recursion.entry_layers", entryLayers, sharing),
                () -> requireEnd("recursion.exit_layers", exitLayers, sharing),
                () -> requireSteps("recursion.step_gates", stepGates, "false", true, sharing, numRecursions),
                () -> requireSteps("recursion.step_norms", stepNorms, "false", true, sharing, numRecursions),
                () -> requireSteps("recursion.injection", injection, "false", true, sharing, numRecursions),
                () -> stepLora.ifPresent(lora -> requireSteps(
                        "recursion.step_lora", true, "left out", "rank " + lora.rank(), sharing, numRecursions)));
    }

    /// Creates a recursion whose steps have no parameters of their own.
    ///
    /// @param sharing which unrolled layers share weights
    /// @param numRecursions recursion steps, at least 1
    /// @param entryLayers layers with their own weights before the recursion
    /// @param exitLayers layers with their own weights after the recursion
    public Recursion(ParameterSharing sharing, int numRecursions, int entryLayers, int exitLayers) {
        this(sharing, numRecursions, entryLayers, exitLayers, false, Optional.empty(), false, false);
    }

    /// Creates a recursion with the default ends, which are one unshared layer at each end for the middle
    /// kinds and none for the other kinds.
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

    /// Parameters of steps after the first require several steps, each of which repeats the whole block.
    private static void requireSteps(
            String key, boolean isThere, String absent, Object got, ParameterSharing sharing, int numRecursions) {
        if (isThere && !sharing.isCycle()) {
            throw ValueChecks.wrong(
                    key, absent + " with recursion.sharing " + sharing.key() + ", which repeats layers in place", got);
        }
        if (isThere && numRecursions == 1) {
            throw ValueChecks.wrong(key, absent + " with one recursion, since it is for steps after the first", got);
        }
    }

    /// Copies the recursion with step gates.
    ///
    /// @return the copy
    public Recursion withStepGates() {
        return new Recursion(sharing, numRecursions, entryLayers, exitLayers, true, stepLora, stepNorms, injection);
    }

    /// Copies the recursion with low-rank updates of its steps.
    ///
    /// @param lora the rank and factor of the updates; empty for none
    /// @return the copy
    public Recursion withStepLora(Optional<StepLora> lora) {
        return new Recursion(sharing, numRecursions, entryLayers, exitLayers, stepGates, lora, stepNorms, injection);
    }

    /// Copies the recursion with or without norms of its steps.
    ///
    /// @param norms whether steps after the first have their own norms
    /// @return the copy
    public Recursion withStepNorms(boolean norms) {
        return new Recursion(sharing, numRecursions, entryLayers, exitLayers, stepGates, stepLora, norms, injection);
    }

    /// Copies the recursion with injection of each token's initial state.
    ///
    /// @return the copy
    public Recursion withInjection() {
        return new Recursion(sharing, numRecursions, entryLayers, exitLayers, stepGates, stepLora, stepNorms, true);
    }

    /// Tells whether a model with this recursion can be initialised from a model with another recursion so
    /// that it computes the same values, bit for bit. All parameters of the other model must have a place;
    /// additional parameters may only be gates of 1, low-rank updates and norms of steps, which have no effect at
    /// first.
    ///
    /// @param other the recursion of the existing model
    /// @return whether all parameters of the existing model have a place, and the new parameters have no
    ///     effect at first
    public boolean startsAs(Recursion other) {
        boolean hasWhatIsThere = (stepGates || !other.stepGates)
                && (other.stepLora.isEmpty() || other.stepLora.equals(stepLora))
                && (stepNorms || !other.stepNorms);
        Recursion reduced = new Recursion(
                sharing,
                numRecursions,
                entryLayers,
                exitLayers,
                other.stepGates,
                other.stepLora,
                other.stepNorms,
                injection);
        return hasWhatIsThere && reduced.equals(other);
    }

    /// Counts the layers outside the recursion.
    ///
    /// @return the number before plus the number after it
    public int unsharedLayers() {
        return entryLayers + exitLayers;
    }

    /// Tells whether the ends have the default numbers of layers, in which case a configuration omits these
    /// numbers.
    ///
    /// @return true for one layer at each end of a middle kind, and always for the other kinds
    public boolean hasUsualEnds() {
        int usual = sharing.usualUnsharedLayers();
        return entryLayers == usual && exitLayers == usual;
    }

    /// Refuses a routing that is incompatible with the recursion.
    void requireFitting(Routing routing) {
        Problems.requireAll(() -> requireGateless(routing), () -> requireEntries(routing));
    }

    private void requireGateless(Routing routing) {
        InputException.require(
                !(stepGates && routing instanceof Routing.TokenChoice),
                "recursion.step_gates",
                "false with routing.type token_choice, whose router computes a gate for each step",
                true);
        InputException.require(
                !stepGates || routing.equals(routing.withUsualGate()),
                "routing",
                "without router_func, alpha and gating with recursion.step_gates, since the router's score is then"
                        + " not a gate",
                routing);
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
        InputException.require(
                entries.size() == numRecursions,
                key,
                "a list with recursion.num_recursions (" + numRecursions + ") entries",
                entries.size() + (entries.size() == 1 ? " entry" : " entries"));
    }
}
