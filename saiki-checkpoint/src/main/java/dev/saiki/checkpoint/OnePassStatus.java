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
/// @param state whether it holds, and what
/// @param certificate of the manifest
/// @param difference from the base that was measured; empty if none was
/// @param changed names of what has changed since it was issued or measured
public record OnePassStatus(
        State state, OnePassCertificate certificate, Optional<OnePassDifference> difference, List<String> changed) {

    /// The states of a certificate.
    public enum State {
        /// One pass is the base, to the bit.
        EXACT,
        /// One pass has lost or gained against the base what was measured.
        MEASURED,
        /// Something that one pass uses has changed since.
        VOID,
        /// Training changed what one pass uses, and the loss of that was not measured.
        NONE;

        /// The word for it in JSON.
        ///
        /// @return such as `exact`
        public String key() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /// Keeps its own copy of the list.
    public OnePassStatus {
        changed = List.copyOf(changed);
    }

    /// Holds a checkpoint against its certificate; all tensors that one pass uses are read.
    ///
    /// @param checkpoint the model
    /// @return empty if its manifest has no certificate, as that of a model that was not deepened
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

    /// Whether one pass is the base, or was measured, and nothing has changed since.
    ///
    /// @return true if a statement holds
    public boolean holds() {
        return state == State.EXACT || state == State.MEASURED;
    }

    /// The most that one pass has lost against the base, in nats per token: the upper end of what was measured.
    ///
    /// @return 0 if it is the base; empty if nothing holds
    public OptionalDouble mostLoss() {
        return switch (state) {
            case EXACT -> OptionalDouble.of(0);
            case MEASURED ->
                OptionalDouble.of(difference.orElseThrow().difference().high());
            case VOID, NONE -> OptionalDouble.empty();
        };
    }

    /// A short form, without the hashes of the tensors.
    ///
    /// @return state, hash of the base, what has changed, and the measured loss less the base's
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
