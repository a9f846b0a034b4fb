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

/// The shares of tokens by depth in training.
///
/// They are the shares that validation measured with causal routing, if the manifest has them ({@link
/// Manifest#DEPTH_SHARE}), and otherwise those that the configuration intends. With expert threshold they apply at
/// the model's default effort; at effort E, the share E of the tokens at a step takes the next one. An untrained
/// model has none.
///
/// @param numRecursions of the model
/// @param usual shares at the default effort, by depth from 1
/// @param defaultEffort of expert threshold; empty for other routers
@SuppressWarnings("ArrayRecordComponent") // Made once; never compared.
public record ExpectedDepths(int numRecursions, double[] usual, OptionalDouble defaultEffort) {

    /// Reads the expected depths of a checkpoint.
    ///
    /// @param checkpoint a model
    /// @return empty if the model has no router or was not trained
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

    /// Converts the share of tokens that takes each step into the share that exits after it.
    private static double[] sharesOf(List<Double> capacities) {
        List<Double> ends = new ArrayList<>(capacities.subList(1, capacities.size()));
        ends.add(0.0);
        return IntStream.range(0, capacities.size())
                .mapToDouble(step -> capacities.get(step) - ends.get(step))
                .toArray();
    }

    /// The expected shares for a token.
    ///
    /// @param effort of its request; empty for the default
    /// @return shares by depth from 1, which add up to 1
    public double[] at(OptionalDouble effort) {
        if (effort.isEmpty() || defaultEffort.isEmpty() || effort.equals(defaultEffort)) {
            return usual;
        }
        return sharesOf(IntStream.range(0, numRecursions)
                .mapToObj(step -> Math.pow(effort.getAsDouble(), step))
                .toList());
    }
}
