package dev.saiki.eval.audit;

import dev.saiki.eval.Interval;
import dev.saiki.eval.Verdict;
import dev.saiki.eval.audit.RouterAudit.Policy;
import dev.saiki.eval.audit.RouterAudit.PolicyComparison;
import dev.saiki.eval.audit.RouterAudit.Regret;
import dev.saiki.eval.audit.RouterAudit.Skill;
import dev.saiki.eval.audit.RoutingExperiment.ReroutedToken;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.function.ToIntFunction;

/// The router's choice of depths against the best one, chance, and choices that see less.
///
/// Depths dealt out anew are not drawn: what a token costs on average over all ways to deal them follows from the
/// shares of tokens at each depth, so chance adds no noise of its own.
final class RegretAnalysis {

    /// Prices of a recursion, in nats.
    static final List<Double> PRICES = List.of(0.0, 0.003, 0.01, 0.03, 0.1);

    /// Sampled tokens in a group of like tokens, at least: in a small one, dealing out anew changes nothing.
    private static final int FEWEST_IN_GROUP = 20;

    private static final double STEEPEST_PRICE = 20;
    private static final int HALVINGS = 60;

    private final List<SampledToken> samples;
    private final int numRecursions;
    private final Map<String, List<ReroutedToken>> everywhere;
    private final Map<String, DepthDistribution> choices = new LinkedHashMap<>();

    /// The probability of each depth for a token.
    private interface DepthDistribution {
        /// Shares of the depths, entry 0 for depth 1; they add up to 1.
        double[] of(SampledToken sample);
    }

    /// @param everywhere by policy, all tokens of the text after it chose all their depths
    RegretAnalysis(
            List<SampledToken> samples, int numRecursions, int[] ranks, Map<String, List<ReroutedToken>> everywhere) {
        this.everywhere = everywhere;
        this.samples = samples;
        this.numRecursions = numRecursions;
        choices.put(Policy.ROUTER, sample -> certain(sample.depth()));
        for (int depth = 1; depth <= numRecursions; depth++) {
            double[] always = certain(depth);
            choices.put(Policy.DEPTH + depth, _ -> always);
        }
        choices.put(Policy.RANDOM, dealtOut(_ -> 0));
        choices.put(
                Policy.POSITION_ONLY,
                dealtOut(sample -> magnitude(sample.token().position())));
        choices.put(
                Policy.FREQUENCY_ONLY,
                dealtOut(sample -> magnitude(ranks[sample.token().id()])));
    }

    /// 0 for 0, 1 for 1, 2 for 2 and 3, 3 for 4 to 7, and so on.
    static int magnitude(int value) {
        return Integer.SIZE - Integer.numberOfLeadingZeros(value);
    }

    private double[] certain(int depth) {
        double[] shares = new double[numRecursions];
        shares[depth - 1] = 1;
        return shares;
    }

    /// The router's depths, dealt out anew within groups; a group that is too small is joined with the next.
    private DepthDistribution dealtOut(ToIntFunction<SampledToken> group) {
        Map<Integer, List<SampledToken>> groups = new TreeMap<>();
        samples.forEach(sample -> groups.computeIfAbsent(group.applyAsInt(sample), _ -> new ArrayList<>())
                .add(sample));
        IdentityHashMap<SampledToken, double[]> shares = new IdentityHashMap<>();
        List<SampledToken> gathered = new ArrayList<>();
        List<SampledToken> previous = List.of();
        for (List<SampledToken> members : groups.values()) {
            gathered.addAll(members);
            if (gathered.size() >= FEWEST_IN_GROUP) {
                assign(gathered, shares);
                previous = gathered;
                gathered = new ArrayList<>();
            }
        }
        if (!gathered.isEmpty()) {
            gathered.addAll(previous);
            assign(gathered, shares);
        }
        return sample -> Objects.requireNonNull(shares.get(sample));
    }

    private void assign(List<SampledToken> members, IdentityHashMap<SampledToken, double[]> shares) {
        // Counted first: a share that is all of them must be 1 and not a rounding error less.
        int[] counts = new int[numRecursions];
        members.forEach(member -> counts[member.depth() - 1]++);
        double[] own = Arrays.stream(counts)
                .mapToDouble(count -> (double) count / members.size())
                .toArray();
        members.forEach(member -> shares.put(member, own));
    }

    /// Compares at each price.
    List<Regret> regrets() {
        return PRICES.stream().map(this::regret).toList();
    }

    private Regret regret(double price) {
        List<Policy> policies = new ArrayList<>();
        List<PolicyComparison> comparisons = new ArrayList<>();
        DepthDistribution router = choice(Policy.ROUTER);
        choices.forEach((name, choice) -> {
            policies.add(policy(name, choice, price));
            if (!name.equals(Policy.ROUTER)) {
                Interval difference = ClusterStatistics.mean(
                        samples, sample -> cost(sample, router, price) - cost(sample, choice, price));
                comparisons.add(
                        new PolicyComparison(name, difference, Verdict.of(difference.low(), difference.high())));
            }
        });
        everywhere.forEach((name, tokens) -> {
            Interval difference = ClusterStatistics.mean(tokens, token -> token.difference(price));
            comparisons.add(new PolicyComparison(
                    name + PolicyComparison.EVERYWHERE, difference, Verdict.of(difference.low(), difference.high())));
        });
        policies.add(policy(Policy.ORACLE, sample -> certain(sample.bestDepth(price)), price));
        double[] best = new double[numRecursions];
        samples.forEach(sample -> best[sample.bestDepth(price) - 1] += 1.0 / samples.size());
        return new Regret(price, Arrays.stream(best).boxed().toList(), policies, comparisons);
    }

    private DepthDistribution choice(String name) {
        DepthDistribution choice = choices.get(name);
        if (choice == null) {
            throw new IllegalStateException("no policy " + name);
        }
        return choice;
    }

    private Policy policy(String name, DepthDistribution choice, double price) {
        return new Policy(
                name,
                samples.stream()
                        .mapToDouble(sample -> depth(choice.of(sample)))
                        .average()
                        .orElseThrow(),
                meanLoss(choice),
                ClusterStatistics.mean(
                        samples, sample -> cost(sample, choice, price) - sample.cost(sample.bestDepth(price), price)));
    }

    private double meanLoss(DepthDistribution choice) {
        return samples.stream()
                .mapToDouble(sample -> cost(sample, choice, 0))
                .average()
                .orElseThrow();
    }

    private static double cost(SampledToken sample, DepthDistribution choice, double price) {
        double[] shares = choice.of(sample);
        double cost = 0;
        for (int depth = 1; depth <= shares.length; depth++) {
            cost += shares[depth - 1] * sample.cost(depth, price);
        }
        return cost;
    }

    private static double depth(double[] shares) {
        double mean = 0;
        for (int depth = 1; depth <= shares.length; depth++) {
            mean += shares[depth - 1] * depth;
        }
        return mean;
    }

    /// Finds the price at which the oracle is as deep as the router, and compares there.
    Skill skill() {
        double wanted = samples.stream().mapToInt(SampledToken::depth).average().orElseThrow();
        double low = -STEEPEST_PRICE;
        double high = STEEPEST_PRICE;
        for (int i = 0; i < HALVINGS; i++) {
            double middle = (low + high) / 2;
            if (oracleDepth(middle) > wanted) {
                low = middle;
            } else {
                high = middle;
            }
        }
        double price = high;
        double random = meanLoss(choice(Policy.RANDOM));
        double router = meanLoss(choice(Policy.ROUTER));
        double oracle = samples.stream()
                .mapToDouble(sample -> sample.loss(sample.bestDepth(price)))
                .average()
                .orElseThrow();
        double oracleDepth = oracleDepth(price);
        double reachable = random + price * wanted - oracle - price * oracleDepth;
        return new Skill(
                price, oracleDepth, oracle, router, random, reachable > 0 ? (random - router) / reachable : Double.NaN);
    }

    private double oracleDepth(double price) {
        return samples.stream()
                .mapToInt(sample -> sample.bestDepth(price))
                .average()
                .orElseThrow();
    }
}
