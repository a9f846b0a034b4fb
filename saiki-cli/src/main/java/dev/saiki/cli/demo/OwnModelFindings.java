package dev.saiki.cli.demo;

import java.util.List;

/// The results of the demonstration of an own model.
///
/// @param text what the model was deepened on
/// @param steps training steps
/// @param trainedTokens tokens of the training
/// @param heldOutTokens tokens that losses were measured on
/// @param verification what the comparison of the base with PyTorch said
/// @param certificate what the certificate says, in words
/// @param isCertified whether it holds
/// @param equalLogits logits of one pass that were found to be the base's, to the bit; -1 if one differs
/// @param baseLoss of the base on held-out text, nats a token
/// @param dial the deepened model at each effort, rising from 0
record OwnModelFindings(
        String text,
        long steps,
        long trainedTokens,
        long heldOutTokens,
        String verification,
        String certificate,
        boolean isCertified,
        long equalLogits,
        double baseLoss,
        List<AtEffort> dial) {

    OwnModelFindings {
        dial = List.copyOf(dial);
    }

    /// The deepened model at one setting of the dial.
    ///
    /// @param effort the setting; 0 is one pass
    /// @param meanDepth passes of a token on average
    /// @param loss nats a token
    /// @param difference loss less the base's, nats a token
    /// @param halfWidth half of the 95 % interval of the difference, over rows of text
    record AtEffort(double effort, double meanDepth, double loss, double difference, double halfWidth) {}

    boolean isOnePassTheBase() {
        return isCertified && equalLogits > 0;
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
