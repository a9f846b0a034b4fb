package dev.saiki.checkpoint.provenance;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// The measured difference between one pass of a deepened model and its base. The difference is measured if
/// training changed tensors that one pass uses; the {@link OnePassCertificate} names these tensors and then
/// certifies nothing.
///
/// The difference is valid for similar text and for these tensors only.
///
/// @param measured the time of the measurement, to the second
/// @param saikiVersion version of Saiki that measured the difference
/// @param base content hash of the base model
/// @param tensors SHA-256 of each tensor that one pass uses and that training changed, by name
/// @param text the text read by both models
/// @param loss loss of the model with one pass, in nats per token
/// @param baseLoss loss of the base, in nats per token
/// @param difference loss of the model with one pass minus loss of the base, paired by document
public record OnePassDifference(
        Instant measured,
        String saikiVersion,
        String base,
        Map<String, String> tensors,
        Text text,
        double loss,
        double baseLoss,
        Calibration.Bounded difference) {

    /// Truncates the time to seconds and copies the map.
    public OnePassDifference {
        measured = measured.truncatedTo(ChronoUnit.SECONDS);
        tensors = Collections.unmodifiableMap(new TreeMap<>(tensors));
    }

    /// The text of a measurement.
    ///
    /// @param name the source of the text
    /// @param sha256 SHA-256 of the text's documents, separated by a zero byte
    /// @param tokens the number of scored tokens
    /// @param pieces the unit of observation: `documents` or `windows`
    /// @param count the number of pieces
    public record Text(String name, String sha256, long tokens, String pieces, long count) {}

    /// Finds the changes since the measurement.
    ///
    /// @param certificate the certificate in the same manifest, with the hashes of the tensors that training left
    ///     unchanged
    /// @param config the configuration of the model
    /// @param stored the model's tensors
    /// @return names of tensors, and {@link OnePassCertificate#CONFIGURATION}; empty if the measurement is valid
    public List<String> changed(OnePassCertificate certificate, ModelConfig config, Collection<StoredTensor> stored) {
        Map<String, String> now = new TreeMap<>(certificate.tensors());
        now.putAll(tensors);
        return new OnePassCertificate(base, certificate.structure(), now, List.of()).changed(config, stored);
    }
}
