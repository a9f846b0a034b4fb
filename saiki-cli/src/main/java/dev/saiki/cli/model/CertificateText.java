package dev.saiki.cli.model;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.provenance.OnePassCertificate;
import dev.saiki.checkpoint.provenance.OnePassDifference;
import dev.saiki.checkpoint.provenance.Provenance;
import dev.saiki.cli.terminal.NumberFormats;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import tools.jackson.databind.node.ObjectNode;

/// The words for whether a deepened model's one pass is its base to the bit, or how far it is away.
public final class CertificateText {

    private static final int SHOWN_DIGITS = 12;
    private static final int SHOWN_NAMES = 3;

    private final OnePassCertificate certificate;
    private final List<String> changed;
    private final Optional<Measured> measured;

    /// A measured difference, and the names of what has changed since then.
    private record Measured(OnePassDifference difference, List<String> changed) {}

    private CertificateText(OnePassCertificate certificate, List<String> changed, Optional<Measured> measured) {
        this.certificate = certificate;
        this.changed = changed;
        this.measured = measured;
    }

    /// Holds a checkpoint against its certificate; all tensors that one pass uses are read.
    ///
    /// @return empty if it has none
    public static Optional<CertificateText> of(CheckpointDirectory checkpoint) {
        Optional<Provenance> provenance = checkpoint.manifest().map(manifest -> manifest.provenance());
        return provenance.flatMap(Provenance::onePass).map(certificate -> {
            List<String> changed = certificate.changed(
                    checkpoint.config(), checkpoint.tensors().values());
            Optional<Measured> measured = provenance
                    .flatMap(Provenance::onePassDifference)
                    .map(difference -> new Measured(
                            difference,
                            difference.changed(
                                    certificate,
                                    checkpoint.config(),
                                    checkpoint.tensors().values())));
            return new CertificateText(certificate, changed, measured);
        });
    }

    /// Whether one pass is the base, or was measured, and nothing has changed since.
    public boolean holds() {
        return isTheBase()
                || measured.filter(known -> known.changed().isEmpty()).isPresent();
    }

    private boolean isTheBase() {
        return certificate.isIssued() && changed.isEmpty();
    }

    /// The verdict in one line, with the names of what speaks against it.
    public String line() {
        String base = "the base (sha256 " + digits(certificate.base()) + ")";
        if (isTheBase()) {
            return "max_depth 1 is " + base + " to the bit, by the hashes of the "
                    + certificate.tensors().size() + " tensors that it uses";
        }
        if (measured.isPresent()) {
            Measured known = measured.get();
            String line = line(known.difference(), base);
            return known.changed().isEmpty()
                    ? line
                    : "void, since " + names(known.changed()) + have(known.changed()) + " changed: " + line;
        }
        return certificate.isIssued()
                ? "void: max_depth 1 was " + base + " to the bit, and since then " + names(changed) + have(changed)
                        + " changed"
                : "none: one pass is not " + base + ", for training has changed " + names(certificate.trained())
                        + "; saiki certify-one-pass measures how far it is away";
    }

    private static String line(OnePassDifference difference, String base) {
        OnePassDifference.Text text = difference.text();
        return String.format(
                Locale.ROOT,
                "max_depth 1 has a loss of %.4f nats a token, %s has %.4f: %+.4f (95%% interval %+.4f to %+.4f), on %s"
                        + " tokens of %s %s of %s (sha256 %s), measured at %s by Saiki %s",
                difference.loss(),
                base,
                difference.baseLoss(),
                difference.difference().mean(),
                difference.difference().low(),
                difference.difference().high(),
                NumberFormats.count(text.tokens()),
                NumberFormats.count(text.count()),
                plain(text.pieces()),
                plain(text.name()),
                digits(text.sha256()),
                difference.measured(),
                plain(difference.saikiVersion()));
    }

    private static String have(List<String> names) {
        return names.size() == 1 ? " has" : " have";
    }

    private static String digits(String hash) {
        return plain(hash.substring(0, Math.min(SHOWN_DIGITS, hash.length()))) + "…";
    }

    private static String names(List<String> names) {
        int further = names.size() - SHOWN_NAMES;
        String shown = String.join(", ", names.subList(0, Math.min(SHOWN_NAMES, names.size())));
        return plain(shown) + (further > 0 ? " and " + further + " more" : "");
    }

    /// A manifest is not trusted to have nothing in it that a terminal obeys.
    private static String plain(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    /// The same as it stands in the manifest, whether it holds, and what has changed since it was issued or
    /// measured.
    ObjectNode json() {
        ObjectNode json = Provenance.json(certificate).put("holds", holds());
        List<String> since =
                isTheBase() ? List.of() : measured.map(Measured::changed).orElse(changed);
        since.forEach(json.putArray("changed")::add);
        measured.ifPresent(known -> json.set("difference", Provenance.json(known.difference())));
        return json;
    }
}
