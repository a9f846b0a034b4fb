package dev.saiki.checkpoint;

import dev.saiki.checkpoint.provenance.EffortCertificate;
import dev.saiki.checkpoint.provenance.Provenance;
import dev.saiki.io.InputException;
import java.util.Optional;

/// A comparison of a model with its effort certificate.
public final class CertifiedEffort {

    private static final String REMEDY = "; to get a certified copy, run saiki certify effort";

    private CertifiedEffort() {}

    /// Finds the certificate of a model. Reads all tensors.
    ///
    /// @param checkpoint the model
    /// @param weights the number format of the computation, such as `float32`
    /// @return the valid certificate
    /// @throws InputException if there is no certificate, or a void one, with the reason
    public static EffortCertificate require(CheckpointDirectory checkpoint, String weights) {
        EffortCertificate certificate = checkpoint
                .manifest()
                .map(Manifest::provenance)
                .flatMap(Provenance::certificate)
                .orElseThrow(
                        () -> new InputException(checkpoint.path() + ": the model has no effort certificate" + REMEDY));
        problem(checkpoint, certificate, weights).ifPresent(problem -> {
            throw new InputException(checkpoint.path() + ": the certificate of effort " + certificate.effort()
                    + " is void: " + problem + REMEDY);
        });
        return certificate;
    }

    /// Finds the reason why a certificate is void, if it is void. Reads all tensors.
    ///
    /// @param checkpoint the model
    /// @param certificate the certificate in the model's manifest
    /// @param weights the number format of the computation
    /// @return the reason; empty if the certificate is valid
    public static Optional<String> problem(
            CheckpointDirectory checkpoint, EffortCertificate certificate, String weights) {
        int reference = referenceDepth(checkpoint);
        if (reference != certificate.referenceDepth()) {
            return Optional.of("the effort was tested against depth " + certificate.referenceDepth()
                    + ", and the reference depth is now " + reference);
        }
        if (!weights.equals(certificate.weights())) {
            return Optional.of(
                    "the effort was tested with weights in " + certificate.weights() + ", not in " + weights);
        }
        return certificate.model().equals(ContentHash.of(checkpoint))
                ? Optional.empty()
                : Optional.of("weights, thresholds or configuration have changed since");
    }

    /// Returns the reference depth, with which efforts are compared.
    ///
    /// @param checkpoint the model
    /// @return the number of recursions; all of the model's if no depth was measured or set
    public static int referenceDepth(CheckpointDirectory checkpoint) {
        int max = checkpoint.config().numRecursions();
        int known = checkpoint.manifest().stream()
                .flatMapToInt(manifest -> manifest.referenceDepth().stream())
                .findFirst()
                .orElse(max);
        return Math.clamp(known, 1, max);
    }
}
