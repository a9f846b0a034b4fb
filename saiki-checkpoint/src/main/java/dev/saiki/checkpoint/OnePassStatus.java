package dev.saiki.checkpoint;

import dev.saiki.checkpoint.provenance.Calibration;
import dev.saiki.checkpoint.provenance.OnePassCertificate;
import dev.saiki.checkpoint.provenance.OnePassDifference;
import dev.saiki.checkpoint.provenance.Provenance;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The status of a deepened model's one-pass certificate, checked against its tensors.
///
/// @param state the state of the certificate
/// @param certificate the certificate in the manifest
/// @param difference the measured difference from the base; empty if it was not measured
/// @param changed names of the tensors that have changed since the certificate was issued or the difference
///     was measured
public record OnePassStatus(
        State state, OnePassCertificate certificate, Optional<OnePassDifference> difference, List<String> changed) {

    /// The states of a certificate.
    public enum State {
        /// One pass equals the base, bit for bit.
        EXACT,
        /// One pass differs from the base, and the difference in loss was measured.
        MEASURED,
        /// A tensor or setting that one pass uses has changed since the certificate was issued or the
        /// difference was measured.
        VOID,
        /// Training changed tensors that one pass uses, and the difference in loss was not measured.
        NONE;

        /// The name of the state in JSON.
        ///
        /// @return a name such as `exact`
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// Copies the list.
    public OnePassStatus {
        changed = List.copyOf(changed);
    }

    /// Checks a checkpoint against its one-pass certificate; to do so, reads all tensors that one pass uses.
    ///
    /// @param checkpoint the model
    /// @return the status; empty if the manifest has no certificate, for example because the model was not
    ///     deepened
    public static Optional<OnePassStatus> of(CheckpointDirectory checkpoint) {
        Optional<Provenance> provenance = checkpoint.manifest().map(Manifest::provenance);
        return provenance
                .flatMap(Provenance::onePass)
                .map(certificate -> of(checkpoint, certificate, provenance.flatMap(Provenance::onePassDifference)));
    }

    private static OnePassStatus of(
            CheckpointDirectory checkpoint, OnePassCertificate certificate, Optional<OnePassDifference> measured) {
        List<String> sinceIssued =
                certificate.changed(checkpoint.config(), checkpoint.tensors().values());
        if (certificate.isIssued() && sinceIssued.isEmpty()) {
            return new OnePassStatus(State.EXACT, certificate, measured, List.of());
        }
        if (measured.isPresent()) {
            List<String> since = measured.get()
                    .changed(
                            certificate,
                            checkpoint.config(),
                            checkpoint.tensors().values());
            return new OnePassStatus(since.isEmpty() ? State.MEASURED : State.VOID, certificate, measured, since);
        }
        return new OnePassStatus(
                certificate.isIssued() ? State.VOID : State.NONE, certificate, Optional.empty(), sinceIssued);
    }

    /// Whether one pass equals the base or has a measured difference from it, and no tensor or setting has changed
    /// since.
    ///
    /// @return true if one pass is certified as equal or its difference was measured, and this is still valid
    public boolean holds() {
        return state == State.EXACT || state == State.MEASURED;
    }

    /// The maximum loss increase of one pass over the base, in nats per token: the upper end of the measured
    /// interval.
    ///
    /// @return 0 if one pass equals the base; empty if no statement is valid
    public OptionalDouble maxLoss() {
        return switch (state) {
            case EXACT -> OptionalDouble.of(0);
            case MEASURED ->
                OptionalDouble.of(difference.orElseThrow().difference().high());
            case VOID, NONE -> OptionalDouble.empty();
        };
    }

    /// A short form, without the hashes of the tensors.
    ///
    /// @return the state, the hash of the base, the names of changes, and the measured difference in loss
    ///     from the base
    public ObjectNode summary() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("state", state.key());
        json.put("base", certificate.base());
        changed.forEach(json.putArray("changed")::add);
        if (state == State.MEASURED) {
            Calibration.Bounded loss = difference.orElseThrow().difference();
            json.putObject("loss")
                    .put("mean", loss.mean())
                    .put("low", loss.low())
                    .put("high", loss.high());
        }
        return json;
    }
}
