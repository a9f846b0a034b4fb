package dev.saiki.cli.model;

import dev.saiki.checkpoint.CertifiedEffort;
import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.ContentHash;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.provenance.Calibration;
import dev.saiki.checkpoint.provenance.EffortCertificate;
import dev.saiki.checkpoint.provenance.ModelOrigin;
import dev.saiki.checkpoint.provenance.Provenance;
import dev.saiki.checkpoint.provenance.TeacherOrigin;
import dev.saiki.checkpoint.provenance.Verification;
import dev.saiki.cli.terminal.NumberFormats;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The description of a checkpoint's provenance: origin outside Saiki, teacher, verifications, calibrations and
/// certificates.
record ProvenanceText(
        Provenance provenance,
        String contentHash,
        Optional<String> certificateProblem,
        Optional<CertificateText> onePass) {

    private static final int SHOWN_DIGITS = 12;
    private static final int SHOWN_FILES = 4;
    private static final int SHOWN_CHARACTERS = 1_000;

    /// Reads the manifest; if it contains verifications or a certificate, which hold only for unchanged
    /// tensors, reads the tensors too.
    static ProvenanceText of(CheckpointDirectory checkpoint) {
        Provenance provenance = checkpoint.manifest().map(Manifest::provenance).orElse(Provenance.NONE);
        Optional<String> problem =
                provenance.certificate().flatMap(known -> CertifiedEffort.problem(checkpoint, known, known.weights()));
        return new ProvenanceText(
                provenance,
                provenance.verifications().isEmpty() ? "" : ContentHash.of(checkpoint),
                problem,
                CertificateText.of(checkpoint));
    }

    private boolean isValid(Verification verification) {
        return verification.contentHash().equals(contentHash);
    }

    /// One line for each known part of the provenance, and one for each threshold of the last calibration.
    List<VerificationText.Row> rows() {
        List<VerificationText.Row> rows = new ArrayList<>();
        provenance.origin().ifPresent(origin -> rows.add(new VerificationText.Row("imported", shown(text(origin)))));
        for (Verification verification : provenance.verifications()) {
            String line = new VerificationText(verification, Optional.empty()).line();
            rows.add(new VerificationText.Row(
                    "verified", shown(isValid(verification) ? line : "void, since the model has changed: " + line)));
        }
        onePass.ifPresent(text -> rows.add(new VerificationText.Row("one pass", shown(text.line()))));
        provenance.teacher().ifPresent(teacher -> rows.add(new VerificationText.Row("teacher", shown(text(teacher)))));
        if (!provenance.calibrations().isEmpty()) {
            Calibration last = provenance.calibrations().getLast();
            rows.add(new VerificationText.Row("calibrated", shown(text(last))));
            last.steps().forEach(step -> rows.add(new VerificationText.Row("", shown(text(step)))));
        }
        provenance
                .certificate()
                .ifPresent(known -> rows.add(new VerificationText.Row(
                        "certified",
                        shown(certificateProblem
                                .map(problem -> "void: " + problem)
                                .orElseGet(() -> text(known))))));
        return rows;
    }

    private static String text(EffortCertificate certificate) {
        return "at effort " + certificate.effort() + " both risks are below " + certificate.limit()
                + " against depth " + certificate.referenceDepth() + " in " + certificate.weights()
                + ", confidence " + certificate.confidence() + ", on "
                + NumberFormats.count(certificate.prompts().tested()) + " conversations of "
                + certificate.prompts().name() + " at " + certificate.certified();
    }

    private static String text(TeacherOrigin teacher) {
        return "trained with the predictions of " + teacher.path() + ", sha256 " + digits(teacher.contentHash())
                + ", on the data with hash " + digits(teacher.dataHash());
    }

    private static String digits(String hash) {
        return hash.substring(0, Math.min(SHOWN_DIGITS, hash.length())) + "…";
    }

    private static String text(Calibration calibration) {
        Calibration.Text text = calibration.text();
        return "at " + calibration.calibrated() + " by Saiki " + calibration.saikiVersion() + " on "
                + NumberFormats.count(text.fitTokens()) + " tokens of " + text.name() + ", sha256 "
                + digits(text.sha256());
    }

    private static String text(Calibration.Step step) {
        return NumberFormats.text(
                "%sstep %d: threshold %.5f, was %.5f; takes %.3f of the previous step's tokens, took %.3f, target %.3f",
                step.effort().isEmpty() ? "" : "effort " + step.effort() + ", ",
                step.step(),
                step.thresholdAfter(),
                step.thresholdBefore(),
                step.shareAfter(),
                step.shareBefore(),
                step.asked());
    }

    /// Removes control characters and truncates, since a manifest may contain long text or terminal escapes.
    private static String shown(String text) {
        String plain = text.replaceAll("\\p{Cntrl}", "?");
        return plain.length() <= SHOWN_CHARACTERS ? plain : plain.substring(0, SHOWN_CHARACTERS) + "…";
    }

    private static String text(ModelOrigin origin) {
        int further = origin.files().size() - SHOWN_FILES;
        String files = origin.files().stream()
                .limit(SHOWN_FILES)
                .map(file ->
                        file.name() + ", " + NumberFormats.bytes(file.bytes()) + ", sha256 " + digits(file.sha256()))
                .collect(Collectors.joining("; "));
        return origin.format() + " " + origin.architecture() + ", " + String.join(", ", origin.types())
                + ", by Saiki " + origin.saikiVersion() + " at " + origin.imported() + ": " + files
                + (further > 0 ? "; and " + further + " more" : "");
    }

    /// Writes the entries that the manifest contains, and whether each verification and certificate holds.
    void write(ObjectNode root) {
        provenance.origin().ifPresent(origin -> root.set("imported", Provenance.json(origin)));
        onePass.ifPresent(text -> root.set("one_pass", text.json()));
        provenance.teacher().ifPresent(teacher -> root.set("teacher", Provenance.json(teacher)));
        if (!provenance.calibrations().isEmpty()) {
            ArrayNode calibrations = root.putArray("calibrations");
            provenance.calibrations().forEach(calibration -> calibrations.add(Provenance.json(calibration)));
        }
        provenance
                .certificate()
                .ifPresent(known -> root.set(
                        "effort_certificate", Provenance.json(known).put("valid", certificateProblem.isEmpty())));
        if (provenance.verifications().isEmpty()) {
            return;
        }
        ArrayNode list = root.putArray("verifications");
        for (Verification verification : provenance.verifications()) {
            list.add(Provenance.json(verification).put("valid", isValid(verification)));
        }
    }
}
