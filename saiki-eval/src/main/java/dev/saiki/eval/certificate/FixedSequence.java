package dev.saiki.eval.certificate;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/// A fixed sequence of tests of efforts, which ends at the first test that fails. The order does not depend on the
/// tested data, so each test can use the whole error probability, and all efforts before the first failure are
/// certified together.
///
/// @param results results in the order of the tests
public record FixedSequence(List<Result> results) {

    /// Copies the list.
    public FixedSequence {
        results = List.copyOf(results);
    }

    /// The result for one effort.
    ///
    /// @param losses the measured losses
    /// @param pValue the largest p-value over the risks
    /// @param passed whether this test and all before it passed
    public record Result(EffortLosses losses, double pValue, boolean passed) {}

    /// Fixes the order of the tests: the lowest risk first and, at equal risk, the larger effort first.
    ///
    /// @param measured efforts measured on conversations that are not used in the tests
    /// @return the efforts in the order of the tests
    public static List<Double> order(List<EffortLosses> measured) {
        return measured.stream()
                .sorted(Comparator.comparingDouble(EffortLosses::risk)
                        .thenComparing(
                                Comparator.comparingDouble(EffortLosses::effort).reversed()))
                .map(EffortLosses::effort)
                .toList();
    }

    /// Runs the tests.
    ///
    /// @param ordered efforts measured on the tested conversations, in their fixed order
    /// @param test the test of each risk
    /// @return the results of all tests; tests after the first failure count as failed
    public static FixedSequence test(List<EffortLosses> ordered, RiskTest test) {
        List<Result> results = new ArrayList<>();
        boolean passed = true;
        for (EffortLosses losses : ordered) {
            double pValue = losses.pValue(test);
            passed &= test.passes(pValue);
            results.add(new Result(losses, pValue, passed));
        }
        return new FixedSequence(results);
    }

    /// The certified effort with the least depth and, among efforts of that depth, the lowest.
    ///
    /// @return result of the certified effort; empty if none passed
    public Optional<Result> cheapest() {
        return results.stream()
                .filter(Result::passed)
                .min(Comparator.<Result>comparingDouble(
                                result -> result.losses().meanDepth())
                        .thenComparingDouble(result -> result.losses().effort()));
    }
}
