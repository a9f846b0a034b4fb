package dev.saiki.checkpoint.provenance;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/// A certificate that an effort costs little against the reference depth, tested on conversations: with its
/// confidence, each risk is below the limit for conversations from the same distribution.
///
/// It holds for the model with the content hash that it names, at the reference depth and in the number
/// format that it names, and for no other.
///
/// @param certified when, to the second
/// @param saikiVersion of the program that tested
/// @param model content hash of the certified model, thresholds among it
/// @param weights number format that was tested, such as `float32`
/// @param referenceDepth recursions of the reference, which every token takes
/// @param effort the certified setting of the dial, which is the model's default
/// @param limit bound on each risk, in (0, 1)
/// @param confidence probability that the statement is right, in (0, 1)
/// @param prompts the conversations
/// @param tests what was tested, in its order; those before the first that failed passed
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

    /// Cuts the time to seconds and keeps its own copy of the list.
    public EffortCertificate {
        certified = certified.truncatedTo(ChronoUnit.SECONDS);
        tests = List.copyOf(tests);
    }

    /// The conversations of a certificate.
    ///
    /// @param name where they came from
    /// @param sha256 of their token ids, in order
    /// @param ordering conversations by which the order of the tests was fixed
    /// @param tested other conversations, which the tests are about
    /// @param tokens tokens that were scored in those
    public record Prompts(String name, String sha256, int ordering, int tested, long tokens) {}

    /// The test of one effort.
    ///
    /// @param effort the setting of the dial
    /// @param meanDepth mean recursions of a token
    /// @param lossIncrease mean over conversations of the increase of the loss, in nats per token, cut to 0
    ///     to 1
    /// @param flipped mean over conversations of the share of tokens whose likeliest one is another
    /// @param pValue the largest over the risks
    /// @param passed whether it and all before it are below the limit
    public record Test(
            double effort, double meanDepth, double lossIncrease, double flipped, double pValue, boolean passed) {}
}
