package dev.saiki.cli.demo;

import java.util.List;

/// The results of the demonstration of an own model.
///
/// @param text what the model was deepened on
/// @param steps training steps
/// @param trainedTokens tokens of the training
/// @param heldOutTokens tokens that losses were measured on
/// @param guarantee what holds of the base in it
/// @param baseLoss of the base on held-out text, nats a token
/// @param dial the deepened model at each effort, rising from 0
/// @param control an adapter that was trained on as many tokens
record OwnModelFindings(
        String text,
        long steps,
        long trainedTokens,
        long heldOutTokens,
        Guarantee guarantee,
        double baseLoss,
        List<AtEffort> dial,
        Control control) {

    OwnModelFindings {
        dial = List.copyOf(dial);
    }

    /// The deepened model at one setting of the dial.
    ///
    /// @param effort the setting; 0 is one pass
    /// @param meanDepth passes of a token on average
    /// @param loss nats a token
    /// @param difference loss less the base's
    record AtEffort(double effort, double meanDepth, double loss, Difference difference) {}

    /// A difference of two losses on the same rows of text.
    ///
    /// @param mean nats a token
    /// @param halfWidth half of its 95 % interval, over rows
    record Difference(double mean, double halfWidth) {

        /// Whether the interval is below 0.
        boolean isClearlyBelow() {
            return mean + halfWidth < 0;
        }

        /// Whether the interval is above 0.
        boolean isClearlyAbove() {
            return mean - halfWidth > 0;
        }
    }

    /// The guarantee that the base is in the deepened model.
    ///
    /// @param verification what the comparison of the base with PyTorch said
    /// @param certificate what the certificate says, in words
    /// @param isCertified whether it holds
    /// @param equalLogits logits of one pass that were found to be the base's, to the bit; -1 if one differs
    record Guarantee(String verification, String certificate, boolean isCertified, long equalLogits) {}

    /// The control: an adapter of the base, which takes one pass.
    ///
    /// @param parameters that it has
    /// @param deepenedParameters that were trained of the deepened model
    /// @param loss nats a token
    /// @param difference loss less the base's
    /// @param ofBest loss of the deepened model at its best effort less the adapter's
    record Control(long parameters, long deepenedParameters, double loss, Difference difference, Difference ofBest) {}

    boolean isOnePassTheBase() {
        return guarantee.isCertified() && guarantee.equalLogits() > 0;
    }

    /// The setting of least loss, the cheapest of equals.
    AtEffort best() {
        AtEffort best = dial.getFirst();
        for (AtEffort each : dial) {
            best = each.loss() < best.loss() ? each : best;
        }
        return best;
    }
}
