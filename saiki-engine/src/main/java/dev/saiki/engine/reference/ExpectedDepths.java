package dev.saiki.engine.reference;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.IntStream;

/// The expected share of tokens at each depth, derived from training.
///
/// If the manifest contains the shares that validation measured with causal routing ({@link
/// Manifest#DEPTH_SHARE}), these shares are used; otherwise the configured shares are used. With expert-threshold
/// routing, the shares apply at the model's default effort. At another effort E, the share E of the tokens at a
/// step takes the next step. An untrained model has no expected depths.
///
/// @param numRecursions the number of recursions of the model
/// @param usual shares at the default effort, by depth from 1
/// @param defaultEffort default effort of expert-threshold routing; empty for other routers
@SuppressWarnings("ArrayRecordComponent") // Made once; never compared.
public record ExpectedDepths(int numRecursions, double[] usual, OptionalDouble defaultEffort) {

    /// Reads the expected depths of a checkpoint.
    ///
    /// @param checkpoint checkpoint of a model
    /// @return the depths; empty if the model has no router or was not trained
    public static Optional<ExpectedDepths> of(CheckpointDirectory checkpoint) {
        ModelConfig config = checkpoint.config();
        Optional<Manifest> trained = checkpoint.manifest().filter(manifest -> manifest.tokensSeen() > 0);
        if (config.routing() instanceof Routing.None || trained.isEmpty()) {
            return Optional.empty();
        }
        OptionalDouble effort = config.routing() instanceof Routing.ExpertThreshold routing
                ? OptionalDouble.of(routing.defaultEffort())
                : OptionalDouble.empty();
        double[] usual = measured(trained.get().metrics(), config.numRecursions())
                .orElseGet(() -> sharesOf(config.capacities()));
        return Optional.of(new ExpectedDepths(config.numRecursions(), usual, effort));
    }

    private static Optional<double[]> measured(Map<String, Double> metrics, int numRecursions) {
        double[] shares = IntStream.rangeClosed(1, numRecursions)
                .mapToDouble(depth -> metrics.getOrDefault(Manifest.DEPTH_SHARE + depth, Double.NaN))
                .toArray();
        double sum =
                IntStream.range(0, shares.length).mapToDouble(i -> shares[i]).sum();
        return Math.abs(sum - 1) < 1e-3 ? Optional.of(shares) : Optional.empty();
    }

    /// Converts the share of tokens that take each step into the share of tokens that exit after it.
    private static double[] sharesOf(List<Double> capacities) {
        List<Double> ends = new ArrayList<>(capacities.subList(1, capacities.size()));
        ends.add(0.0);
        return IntStream.range(0, capacities.size())
                .mapToDouble(step -> capacities.get(step) - ends.get(step))
                .toArray();
    }

    /// The expected shares for a token.
    ///
    /// @param effort effort of the token's request; empty for the default
    /// @return shares by depth from 1, with a sum of 1
    public double[] at(OptionalDouble effort) {
        if (effort.isEmpty() || defaultEffort.isEmpty() || effort.equals(defaultEffort)) {
            return usual;
        }
        return sharesOf(IntStream.range(0, numRecursions)
                .mapToObj(step -> Math.pow(effort.getAsDouble(), step))
                .toList());
    }
}
