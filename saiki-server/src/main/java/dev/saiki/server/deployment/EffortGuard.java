package dev.saiki.server.deployment;

import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.provenance.EffortCertificate;
import dev.saiki.checkpoint.provenance.Provenance;
import dev.saiki.engine.Engine;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.evidence.StakeMixture;
import dev.saiki.http.Json;
import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ObjectNode;

/// A guard that revokes a certified effort once live answers lose more than the certificate allows.
///
/// Each rescored answer yields one number in nats per token: how much likelier its tokens are at the reference
/// depth than at the certified effort, clamped to [0, 1]. The evidence is a product of bets that the mean of these
/// numbers exceeds the certificate's limit ({@link StakeMixture}). If the mean does not exceed the limit, the
/// evidence reaches 1 / (1 − confidence) with probability at most 1 − confidence, however long the server runs.
/// The rescored answers were generated at the certified effort, which biases the comparison in its favour: the
/// guard errs towards keeping the certificate.
///
/// After a revocation, requests that set no depth take the reference depth, and a file in the model's folder
/// prevents the model from being served as certified again. Thread-safe.
public final class EffortGuard {

    private static final Logger LOG = LoggerFactory.getLogger(EffortGuard.class);

    private static final String FILE = "certificate-revoked.json";

    private final EffortCertificate certificate;
    private final Path file;
    private final StakeMixture evidence;
    private long observed;
    private double sum;
    private volatile boolean revoked;

    /// Creates a guard.
    ///
    /// @param certificate the certificate of the effort
    /// @param folder the folder of the model
    EffortGuard(EffortCertificate certificate, Path folder) {
        this.certificate = certificate;
        this.file = folder.resolve(FILE);
        this.evidence = new StakeMixture(1 / certificate.limit(), StakeMixture.State.NONE);
    }

    /// Creates the guard of an engine's model.
    ///
    /// @param engine the engine, whose model is served as certified
    /// @return a guard, if the model has a certificate
    public static Optional<EffortGuard> of(Engine engine) {
        return engine.checkpoint()
                .manifest()
                .map(Manifest::provenance)
                .flatMap(Provenance::certificate)
                .map(certificate ->
                        new EffortGuard(certificate, engine.checkpoint().path()));
    }

    /// Refuses a model whose certificate was revoked.
    ///
    /// @param folder the folder of the model
    /// @throws InputException if the certificate was revoked
    public static void requireNotRevoked(Path folder) {
        if (Files.exists(folder.resolve(FILE))) {
            throw new InputException(
                    folder + ": the effort certificate was revoked because live answers lost more than it allows"
                            + " (see " + FILE + "); certify again with saiki certify effort");
        }
    }

    /// The reference depth of the certificate.
    int referenceDepth() {
        return certificate.referenceDepth();
    }

    /// Adds a rescored answer to the evidence.
    ///
    /// @param lossIncrease the increase of the loss over the reference depth, in nats per token
    synchronized void observe(double lossIncrease) {
        double bounded = Math.clamp(lossIncrease, 0, 1);
        observed++;
        sum += bounded;
        evidence.observe(bounded - certificate.limit());
        if (!revoked && evidence.logEvidence() >= revokesAt()) {
            revoked = true;
            LOG.error(
                    "the certificate of effort {} is revoked: over {} rescored answers the loss is {} nats per token"
                            + " higher than at depth {}, above the limit of {}; requests take that depth until the"
                            + " effort is certified again",
                    certificate.effort(),
                    observed,
                    sum / observed,
                    certificate.referenceDepth(),
                    certificate.limit());
            keep();
        }
    }

    private double revokesAt() {
        return -Math.log(1 - certificate.confidence());
    }

    private void keep() {
        try {
            ObjectNode record = toJson();
            record.put("at", Instant.now().toString());
            AtomicFiles.writePrivateString(file, new String(Json.bytes(record), StandardCharsets.UTF_8));
        } catch (IOException e) {
            LOG.error("{} cannot be written; after a restart the effort would count as certified", file, e);
        }
    }

    /// Whether the effort's certificate is revoked.
    ///
    /// @return whether the certificate has been revoked
    public boolean isRevoked() {
        return revoked;
    }

    /// Returns the evidence for revoking the certificate.
    ///
    /// @return natural logarithm
    public synchronized double logEvidence() {
        return evidence.logEvidence();
    }

    /// Applies the guard to a request.
    ///
    /// @param asked the depth settings of the request
    /// @return the same settings; the reference depth if the effort is revoked and the settings name no depth
    public RouteSettings guarded(RouteSettings asked) {
        return revoked && asked.equals(RouteSettings.MODEL)
                ? RouteSettings.within(certificate.referenceDepth(), certificate.referenceDepth())
                : asked;
    }

    /// Renders the guard's state.
    ///
    /// @return an object
    public synchronized ObjectNode toJson() {
        ObjectNode json = Json.object();
        json.put("effort", certificate.effort());
        json.put("reference_depth", certificate.referenceDepth());
        json.put("limit", certificate.limit());
        json.put("confidence", certificate.confidence());
        json.put("answers", observed);
        json.put("loss_increase", observed == 0 ? 0 : sum / observed);
        json.put("log_evidence", evidence.logEvidence());
        json.put("revokes_at", revokesAt());
        json.put("revoked", revoked);
        return json;
    }
}
