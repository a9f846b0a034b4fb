package dev.saiki.cli.model;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.OnePassStatus;
import dev.saiki.checkpoint.provenance.Calibration;
import dev.saiki.checkpoint.provenance.OnePassCertificate;
import dev.saiki.checkpoint.provenance.OnePassDifference;
import dev.saiki.checkpoint.provenance.Provenance;
import dev.saiki.cli.terminal.NumberFormats;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import tools.jackson.databind.node.ObjectNode;

/// The description of whether one pass of a deepened model equals the base bit for bit or, if not, how far
/// the two differ.
public record CertificateText(OnePassStatus status) {

    private static final int SHOWN_DIGITS = 12;
    private static final int SHOWN_NAMES = 3;

    /// Checks a checkpoint against its certificate; reads all tensors that one pass uses.
    ///
    /// @return empty if the checkpoint has no certificate
    public static Optional<CertificateText> of(CheckpointDirectory checkpoint) {
        return OnePassStatus.of(checkpoint).map(CertificateText::new);
    }

    /// One pass's maximum loss increase over the base, in nats per token; empty if not known.
    public OptionalDouble maxLoss() {
        return status.maxLoss();
    }

    /// Whether one pass equals the base or its difference was measured, and nothing has changed since.
    public boolean holds() {
        return status.holds();
    }

    /// The verdict in one line, with the names of the tensors that contradict the certificate.
    public String line() {
        OnePassCertificate certificate = status.certificate();
        String base = "the base (sha256 " + digits(certificate.base()) + ")";
        return switch (status.state()) {
            case EXACT ->
                "max_depth 1 equals " + base + " bit for bit, by the hashes of the "
                        + certificate.tensors().size() + " tensors of one pass";
            case MEASURED -> line(status.difference().orElseThrow(), base);
            case VOID ->
                status.difference()
                        .map(known -> "void, since " + names(status.changed()) + have(status.changed()) + " changed: "
                                + line(known, base))
                        .orElseGet(() -> "void: max_depth 1 equalled " + base + " bit for bit, but since then "
                                + names(status.changed()) + have(status.changed()) + " changed");
            case NONE ->
                "none: one pass does not equal " + base + ", since training changed " + names(certificate.trained())
                        + "; saiki certify base measures the difference";
        };
    }

    /// The measured loss or gain of one pass, in words; empty without a measurement that is still valid.
    public Optional<String> loss() {
        return status.state() == OnePassStatus.State.MEASURED
                ? status.difference().map(OnePassDifference::difference).map(CertificateText::loss)
                : Optional.empty();
    }

    private static String loss(Calibration.Bounded difference) {
        String verdict = difference.low() > 0
                ? "one pass is worse than the base"
                : difference.high() < 0
                        ? "one pass is better than the base"
                        : "no significant difference between one pass and the base";
        return NumberFormats.text(
                "%+.4f nats a token against the base, 95%% interval %+.4f to %+.4f: %s",
                difference.mean(), difference.low(), difference.high(), verdict);
    }

    private static String line(OnePassDifference difference, String base) {
        OnePassDifference.Text text = difference.text();
        return NumberFormats.text(
                "max_depth 1 has a loss of %.4f nats a token, %s has %.4f; difference %+.4f (95%% interval %+.4f to"
                        + " %+.4f), on %s tokens of %s %s of %s (sha256 %s), measured at %s by Saiki %s",
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

    /// Replaces control characters, since a manifest may contain terminal escapes.
    private static String plain(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }

    /// The certificate as in the manifest, whether it holds, and what has changed since it was issued or measured.
    public ObjectNode json() {
        ObjectNode json = Provenance.json(status.certificate())
                .put("state", status.state().key())
                .put("holds", holds());
        status.changed().forEach(json.putArray("changed")::add);
        status.difference().ifPresent(known -> json.set("difference", Provenance.json(known)));
        return json;
    }
}
