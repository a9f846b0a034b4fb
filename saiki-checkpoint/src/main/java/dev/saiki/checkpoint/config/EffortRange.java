package dev.saiki.checkpoint.config;

import dev.saiki.io.InputException;

/// The efforts that a model with expert-threshold routing supports: 0, which means one pass, and the range from
/// the lowest effort in training to 1.
///
/// @param least lowest effort above 0, in (0, 1]
public record EffortRange(double least) {

    /// The efforts of a router.
    ///
    /// @param routing the routing with its grid
    /// @return the range from the lowest effort of the grid
    public static EffortRange of(Routing.ExpertThreshold routing) {
        return new EffortRange(routing.effortGrid().getFirst());
    }

    /// Checks an effort for a model. Effort 0 means one pass, which every model supports.
    ///
    /// @param config the model
    /// @param name the user's name for the effort: a field of a request, or an option
    /// @param effort the requested effort
    /// @throws InputException if the model was not trained at this effort, or its router has no efforts
    public static void require(ModelConfig config, String name, double effort) {
        if (config.routing() instanceof Routing.ExpertThreshold routing) {
            double _ = of(routing).require(name, effort);
        } else if (effort != 0) {
            throw new InputException(name + " is for models with expert_threshold routing; this one has "
                    + (config.isVanilla() ? "no recursion" : config.routing().key())
                    + " and takes effort 0 (one pass) only, got " + effort);
        }
    }

    /// Tells whether an effort is in the range.
    ///
    /// @param effort an effort
    /// @return whether the effort is in the range; false for NaN
    public boolean holds(double effort) {
        return effort == 0 || (effort >= least && effort <= 1);
    }

    /// Checks an effort.
    ///
    /// @param name the user's name for the effort
    /// @param effort the requested effort
    /// @return the same effort
    /// @throws InputException if the effort is not in the range
    public double require(String name, double effort) {
        if (!holds(effort)) {
            throw new InputException(name + " must be 0, which is one pass, or "
                    + (least == 1 ? "1, the only other effort" : "from " + least + ", the lowest effort")
                    + " that this model was trained at" + (least == 1 ? "" : ", to 1") + ", got " + effort);
        }
        return effort;
    }
}
