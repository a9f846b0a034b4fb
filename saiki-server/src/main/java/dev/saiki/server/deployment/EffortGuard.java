package dev.saiki.server.deployment;

import dev.saiki.checkpoint.provenance.EffortCertificate;
import dev.saiki.checkpoint.provenance.Provenance;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.evidence.DriftTest;
import dev.saiki.http.Json;
import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import dev.saiki.io.Sha256;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// A guard that revokes a certified effort once live answers lose more than the certificate allows.
///
/// It judges the answers that were generated at the certified effort, whether their requests name it or leave the
/// depth to the server. Each rescored answer yields the certificate's two risks against the reference depth: the
/// increase of the loss in nats per token, clamped to [0, 1], and the share of positions whose most likely token
/// changes. A {@link DriftTest} for each risk gathers evidence that its mean exceeds the limit. If neither does, the
/// certificate is ever revoked with probability at most 1 − confidence, half of it for each risk
/// ({@link EffortCertificate#revocationError}). The answers were generated at the certified effort, which biases the
/// comparison in its favour: the guard errs towards keeping the certificate.
///
/// After a revocation, the requests that the guard would judge take the reference depth instead. Two files keep its
/// state, named after a hash of the certificate, which contains the model's hash: the evidence, which a restarted
/// server continues, and the revocation, which prevents the model from being served as certified again. Thread-safe.
public final class EffortGuard {

    private static final Logger LOG = LoggerFactory.getLogger(EffortGuard.class);

    private static final int KEY_DIGITS = 16;
    private static final String LOSS = "loss";
    private static final String FLIPPED = "flipped";
    private static final String STATE = "_state";

    private final EffortCertificate certificate;
    private final int numRecursions;
    private final Path evidenceFile;
    private final Path revocationFile;
    private final DriftTest loss;
    private final DriftTest flipped;
    private boolean isKept = true;
    private volatile boolean revoked;

    /// Opens a guard, with the evidence that an earlier server kept in the folder.
    ///
    /// @param certificate the certificate of the effort
    /// @param numRecursions the model's number of recursions
    /// @param folder the folder of the guard's files
    /// @throws InputException if kept evidence is malformed
    public EffortGuard(EffortCertificate certificate, int numRecursions, Path folder) {
        String json = Provenance.json(certificate).toString();
        String key = Sha256.hex(json.getBytes(StandardCharsets.UTF_8)).substring(0, KEY_DIGITS) + ".json";
        this.certificate = certificate;
        this.numRecursions = numRecursions;
        this.evidenceFile = folder.resolve("effort-evidence-" + key);
        this.revocationFile = folder.resolve("effort-revoked-" + key);
        if (Files.exists(evidenceFile)) {
            JsonNode kept = read(evidenceFile);
            this.loss = resumed(kept, LOSS);
            this.flipped = resumed(kept, FLIPPED);
        } else {
            this.loss = DriftTest.begin(certificate.limit());
            this.flipped = DriftTest.begin(certificate.limit());
        }
        this.revoked = Files.exists(revocationFile) || !exceeded().isEmpty();
        LOG.info(
                "the evidence about certified effort {} is kept in {}; it begins with {} rescored answers",
                certificate.effort(),
                evidenceFile,
                loss.observed());
        keepEvidence();
    }

    private static JsonNode read(Path file) {
        try {
            return Json.read(Files.readAllBytes(file));
        } catch (IOException | JacksonException e) {
            throw malformed(file, e);
        }
    }

    private DriftTest resumed(JsonNode kept, String risk) {
        try {
            return DriftTest.resume(certificate.limit(), kept.path(risk + STATE).asString(""));
        } catch (IllegalArgumentException e) {
            throw malformed(evidenceFile, e);
        }
    }

    private static InputException malformed(Path file, Exception cause) {
        return new InputException(
                file + " must be the evidence about a certified effort, as a server wrote it; delete it to begin anew",
                cause);
    }

    /// Refuses to serve the model as certified if its certificate was revoked.
    ///
    /// @throws InputException if the certificate was revoked
    public void requireNotRevoked() {
        if (revoked) {
            throw new InputException("the certificate of effort " + certificate.effort()
                    + " was revoked because live answers lost more than it allows (see " + revocationFile
                    + "); certify again with saiki certify effort");
        }
    }

    /// The reference depth of the certificate.
    int referenceDepth() {
        return certificate.referenceDepth();
    }

    /// The risks of one answer.
    ///
    /// @param lossIncrease the increase of the loss over the reference depth, in nats per token
    /// @param flipped the share of positions whose most likely token differs from the reference depth's
    record Risks(double lossIncrease, double flipped) {}

    /// Adds a rescored answer to the evidence.
    synchronized void observe(Risks risks) {
        if (revoked) {
            return;
        }
        loss.observe(Math.clamp(risks.lossIncrease(), 0, 1));
        flipped.observe(risks.flipped());
        keepEvidence();
        List<String> exceeded = exceeded();
        if (!exceeded.isEmpty()) {
            revoked = true;
            LOG.error(
                    "the certificate of effort {} is revoked: against depth {}, {} exceeds the limit of {} ({} rescored"
                            + " answers); requests take that depth until the effort is certified again",
                    certificate.effort(),
                    certificate.referenceDepth(),
                    String.join(" and ", exceeded),
                    certificate.limit(),
                    loss.observed());
            keepRevocation();
        }
    }

    /// Names the risks whose evidence suffices for a revocation.
    private List<String> exceeded() {
        List<String> exceeded = new ArrayList<>();
        if (loss.logEvidence() >= revokesAt()) {
            exceeded.add("the increase of the loss (mean " + loss.mean() + " nats per token)");
        }
        if (flipped.logEvidence() >= revokesAt()) {
            exceeded.add("the share of changed likeliest tokens (mean " + flipped.mean() + ")");
        }
        return exceeded;
    }

    private double revokesAt() {
        return -Math.log(certificate.revocationError());
    }

    private void keepEvidence() {
        ObjectNode json = toJson();
        json.put(LOSS + STATE, loss.state());
        json.put(FLIPPED + STATE, flipped.state());
        try {
            write(evidenceFile, json);
            isKept = true;
        } catch (IOException e) {
            if (isKept) {
                LOG.error(
                        "cannot write {}: a restart loses the evidence about effort {}; name a writable folder with"
                                + " --effort-evidence",
                        evidenceFile,
                        certificate.effort(),
                        e);
            }
            isKept = false;
        }
    }

    private void keepRevocation() {
        try {
            write(revocationFile, toJson().put("at", Instant.now().toString()));
        } catch (IOException e) {
            LOG.error("cannot write {}: after a restart the effort counts as certified", revocationFile, e);
        }
    }

    private static void write(Path file, ObjectNode json) throws IOException {
        AtomicFiles.writePrivateString(file, new String(Json.bytes(json), StandardCharsets.UTF_8));
    }

    /// Whether the effort's certificate is revoked.
    ///
    /// @return whether the certificate has been revoked
    public boolean isRevoked() {
        return revoked;
    }

    /// Returns the evidence for revoking the certificate.
    ///
    /// @return natural logarithm, of the risk with more evidence
    public synchronized double logEvidence() {
        return Math.max(loss.logEvidence(), flipped.logEvidence());
    }

    /// Whether answers with these depth settings are evidence about the certificate: the router alone decides, at the
    /// certified effort, which is the model's default.
    boolean judges(RouteSettings route) {
        return route.effort().orElse(certificate.effort()) == certificate.effort()
                && route.bounds().min() == 1
                && route.bounds().max().orElse(numRecursions) >= numRecursions
                && route.forced().isEmpty();
    }

    /// Applies the guard to a request.
    ///
    /// @param asked the depth settings of the request
    /// @return the same settings; for a request at a revoked effort, effort 1 within the reference depth, the depth
    ///     with which the effort was compared
    public RouteSettings guarded(RouteSettings asked) {
        return revoked && judges(asked)
                ? RouteSettings.builder()
                        .effort(1)
                        .maxDepth(certificate.referenceDepth())
                        .build()
                : asked;
    }

    /// Renders the guard's state.
    ///
    /// @return an object
    public synchronized ObjectNode toJson() {
        ObjectNode json = Json.object();
        json.put("model_hash", certificate.model());
        json.put("effort", certificate.effort());
        json.put("reference_depth", certificate.referenceDepth());
        json.put("limit", certificate.limit());
        json.put("confidence", certificate.confidence());
        json.put("answers", loss.observed());
        putRisk(json.putObject(LOSS), loss);
        putRisk(json.putObject(FLIPPED), flipped);
        json.put("revokes_at", revokesAt());
        json.put("revoked", revoked);
        return json;
    }

    private static void putRisk(ObjectNode json, DriftTest test) {
        json.put("mean", test.mean());
        json.put("log_evidence", test.logEvidence());
    }
}
