package dev.saiki.eval.audit;

import dev.saiki.eval.audit.RouterAudit.Intervention;
import java.util.ArrayList;
import java.util.List;

/// The effects of one recursion more and of one fewer on the sampled tokens.
final class Interventions {

    private Interventions() {}

    /// Measures the effects of one recursion more and of one fewer, over all chosen depths together and for
    /// each depth that allows the change.
    static List<Intervention> of(List<SampledToken> samples, int numRecursions, double tolerance) {
        List<Intervention> interventions = new ArrayList<>();
        for (int change : new int[] {1, -1}) {
            List<SampledToken> changeable = samples.stream()
                    .filter(sample -> sample.depth() + change >= 1 && sample.depth() + change <= numRecursions)
                    .toList();
            interventions.add(measure(changeable, change, 0, tolerance));
            for (int depth = 1; depth <= numRecursions; depth++) {
                int chosen = depth;
                if (chosen + change >= 1 && chosen + change <= numRecursions) {
                    List<SampledToken> some = changeable.stream()
                            .filter(sample -> sample.depth() == chosen)
                            .toList();
                    interventions.add(measure(some, change, chosen, tolerance));
                }
            }
        }
        return interventions;
    }

    private static Intervention measure(List<SampledToken> samples, int change, int chosenDepth, double tolerance) {
        return new Intervention(
                change,
                chosenDepth,
                samples.size(),
                ClusterStatistics.share(samples, sample -> effect(sample, change) < -tolerance),
                ClusterStatistics.share(samples, sample -> effect(sample, change) > tolerance),
                ClusterStatistics.mean(samples, sample -> effect(sample, change)),
                ClusterStatistics.mean(
                        samples,
                        sample -> sample.lossOfFollowing(sample.depth() + change)
                                - sample.lossOfFollowing(sample.depth())),
                ClusterStatistics.share(
                        samples,
                        sample -> !sample.isLikeliest(sample.depth()) && sample.isLikeliest(sample.depth() + change)),
                ClusterStatistics.share(
                        samples,
                        sample -> sample.isLikeliest(sample.depth()) && !sample.isLikeliest(sample.depth() + change)));
    }

    private static double effect(SampledToken sample, int change) {
        return sample.loss(sample.depth() + change) - sample.loss(sample.depth());
    }
}
