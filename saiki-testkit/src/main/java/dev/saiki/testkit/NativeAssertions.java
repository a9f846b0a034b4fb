package dev.saiki.testkit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.tensor.TensorScope;

/// Assertions on native memory, and on numbers computed in two ways.
public final class NativeAssertions {

    private NativeAssertions() {}

    /// An action of a test.
    @FunctionalInterface
    public interface Action {
        /// Runs.
        ///
        /// @throws Exception if the action fails
        void run() throws Exception;
    }

    /// Asserts that an action frees every tensor that it allocates, even if it throws.
    ///
    /// @param action the action; its exception is rethrown after the check
    /// @throws Exception if the action throws it
    public static void assertNoNativeLeak(Action action) throws Exception {
        long before = TensorScope.liveTensors();
        try {
            action.run();
        } finally {
            assertThat(TensorScope.liveTensors())
                    .describedAs("native tensors alive after the action, expected to equal the number before it")
                    .isEqualTo(before);
        }
    }

    /// Asserts that two arrays agree relative to the largest expected magnitude.
    ///
    /// @param what the name in the failure message
    /// @param actual the numbers computed by the code under test
    /// @param expected the numbers computed by the reference
    /// @param tolerance largest allowed |actual − expected| / max |expected|
    public static void assertClose(String what, float[] actual, float[] expected, double tolerance) {
        assertThat(actual).describedAs(what + ": number of elements").hasSameSizeAs(expected);
        double scale = 1e-30;
        double worst = 0;
        int where = 0;
        for (int i = 0; i < expected.length; i++) {
            scale = Math.max(scale, Math.abs(expected[i]));
            double difference = Math.abs((double) actual[i] - expected[i]);
            if (!(difference <= worst)) {
                worst = difference;
                where = i;
            }
        }
        assertThat(worst / scale)
                .describedAs(
                        "%s: relative error, largest at element %d (actual %s, expected %s, largest magnitude %s)",
                        what,
                        where,
                        actual.length == 0 ? null : actual[where],
                        expected.length == 0 ? null : expected[where],
                        scale)
                .isLessThanOrEqualTo(tolerance);
    }
}
