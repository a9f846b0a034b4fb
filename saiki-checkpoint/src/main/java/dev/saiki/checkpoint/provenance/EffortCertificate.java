package dev.saiki.checkpoint.provenance;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/// A certificate that an effort, tested on conversations, costs little compared with the reference depth. With the
/// stated confidence, two risks are below the limit for conversations from the same distribution as those tested:
/// the increase of the loss, and the share of tokens at which the most likely token changes.
///
/// The certificate is valid only for the model with this content hash, at this reference depth and in this number
/// format.
///
/// @param certified the time of the certification, to the second
/// @param saikiVersion version of Saiki that ran the tests
/// @param model content hash of the certified model, including its thresholds
/// @param weights number format that was tested, such as `float32`
/// @param referenceDepth number of recursions that every token takes at the reference depth
/// @param effort the certified effort, which is the model's default
/// @param limit bound on both risks, in (0, 1)
/// @param confidence lower bound on the probability that the statement is correct, in (0, 1)
/// @param prompts the conversations
/// @param tests the tests in order; none after the first failure counts as passed
public record EffortCertificate(
        Instant certified,
        String saikiVersion,
        String model,
        String weights,
        int referenceDepth,
        double effort,
        double limit,
        double confidence,
        Prompts prompts,
        List<Test> tests) {

    /// Truncates the time to seconds and copies the list.
    public EffortCertificate {
        certified = certified.truncatedTo(ChronoUnit.SECONDS);
        tests = List.copyOf(tests);
    }

    /// The probability, for each of the two risks, that a server wrongly revokes the certificate: half of what the
    /// confidence leaves, however long the server runs.
    ///
    /// @return the probability, in (0, 0.5)
    public double revocationError() {
        return (1 - confidence) / 2;
    }

    /// The conversations of a certificate.
    ///
    /// @param name the source of the conversations
    /// @param sha256 SHA-256 of the conversations' token ids, in order
    /// @param ordering number of conversations used to fix the order of the tests
    /// @param tested number of other conversations, used for the tests
    /// @param tokens number of scored tokens in the tested conversations
    public record Prompts(String name, String sha256, int ordering, int tested, long tokens) {}

    /// The test of one effort.
    ///
    /// @param effort the effort
    /// @param meanDepth mean number of recursions per token
    /// @param lossIncrease mean, over conversations, of the increase of the loss in nats per token, clamped to 0
    ///     to 1
    /// @param flipped mean, over conversations, of the share of tokens at which the most likely token changes
    /// @param pValue the larger p-value of the two risks
    /// @param passed whether this test and all before it passed
    public record Test(
            double effort, double meanDepth, double lossIncrease, double flipped, double pValue, boolean passed) {}
}
