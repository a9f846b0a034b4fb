package dev.saiki.cli.model;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.provenance.OnePassCertificate;
import dev.saiki.checkpoint.provenance.Provenance;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// The words for whether a deepened model's one pass is its base, to the bit.
public final class CertificateText {

    private static final int SHOWN_DIGITS = 12;
    private static final int SHOWN_NAMES = 3;

    private final OnePassCertificate certificate;
    private final List<String> changed;

    private CertificateText(OnePassCertificate certificate, List<String> changed) {
        this.certificate = certificate;
        this.changed = changed;
    }

    /// Holds a checkpoint against its certificate; all tensors that one pass uses are read.
    ///
    /// @return empty if it has none
    public static Optional<CertificateText> of(CheckpointDirectory checkpoint) {
        return checkpoint
                .manifest()
                .flatMap(manifest -> manifest.provenance().onePass())
                .map(certificate -> new CertificateText(
                        certificate,
                        certificate.changed(
                                checkpoint.config(), checkpoint.tensors().values())));
    }

    /// Whether it was issued, and nothing has changed since.
    public boolean holds() {
        return certificate.isIssued() && changed.isEmpty();
    }

    /// The verdict in one line, with the names of what speaks against it.
    public String line() {
        String digits = certificate.base();
        String base = "the base (sha256 " + digits.substring(0, Math.min(SHOWN_DIGITS, digits.length())) + "…)";
        if (!certificate.isIssued()) {
            return "none: one pass is not " + base + ", for training has changed " + names(certificate.trained());
        }
        return changed.isEmpty()
                ? "max_depth 1 is " + base + " to the bit, by the hashes of the "
                        + certificate.tensors().size() + " tensors that it uses"
                : "void: max_depth 1 was " + base + " to the bit, and since then " + names(changed)
                        + (changed.size() == 1 ? " has" : " have") + " changed";
    }

    private static String names(List<String> names) {
        int further = names.size() - SHOWN_NAMES;
        String shown = String.join(", ", names.subList(0, Math.min(SHOWN_NAMES, names.size())));
        return shown.replaceAll("\\p{Cntrl}", "?") + (further > 0 ? " and " + further + " more" : "");
    }

    /// The same as it stands in the manifest, whether it holds, and what has changed.
    ObjectNode json() {
        ObjectNode json = Provenance.json(certificate).put("holds", holds());
        changed.forEach(json.putArray("changed")::add);
        return json;
    }
}
