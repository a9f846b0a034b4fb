package dev.saiki.train;

import dev.saiki.checkpoint.BaseModel;
import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.provenance.OnePassCertificate;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.io.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The one-pass model that a run deepens, or that its base was deepened from: the reference model of a
/// certificate.
///
/// @param hash its content hash
/// @param tensors the hash of each of its tensors, by name
record OnePassBase(String hash, Map<String, String> tensors) {

    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final String FILE = "one-pass.json";
    private static final String BASE = "base";
    private static final String TENSORS = "tensors";

    /// Determines the base from a checkpoint, reading all of it.
    ///
    /// @return empty if its one pass is not a known model
    static Optional<OnePassBase> of(CheckpointDirectory checkpoint, BaseModel model) {
        Collection<StoredTensor> stored = checkpoint.tensors().values();
        if (checkpoint.config().numRecursions() == 1) {
            return Optional.of(new OnePassBase(model.contentHash(), OnePassCertificate.hashes(stored)));
        }
        return checkpoint
                .manifest()
                .flatMap((Manifest manifest) -> manifest.provenance().onePass())
                // A certificate that was not issued still names the base, with which the loss can be compared.
                .filter(certificate -> !certificate.isIssued()
                        || certificate.changed(checkpoint.config(), stored).isEmpty())
                .map(certificate -> new OnePassBase(certificate.base(), certificate.tensors()));
    }

    /// Certifies the trained model against this base.
    ///
    /// @return empty if the trained model has only one pass
    Optional<OnePassCertificate> certificate(ModelConfig config, Collection<StoredTensor> stored) {
        return config.numRecursions() > 1
                ? Optional.of(OnePassCertificate.issue(hash, tensors, config, stored))
                : Optional.empty();
    }

    /// Writes what {@link #read} reads.
    void write(Path folder) throws IOException {
        ObjectNode json = MAPPER.createObjectNode();
        json.put(BASE, hash);
        ObjectNode hashes = json.putObject(TENSORS);
        tensors.forEach(hashes::put);
        AtomicFiles.writeString(
                folder.resolve(FILE), MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(json) + "\n");
    }

    static Optional<OnePassBase> read(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        JsonNode json = MAPPER.readTree(Files.readAllBytes(file));
        Map<String, String> tensors = new LinkedHashMap<>();
        json.path(TENSORS)
                .properties()
                .forEach(entry -> tensors.put(entry.getKey(), entry.getValue().asString("")));
        return Optional.of(new OnePassBase(json.path(BASE).asString(""), tensors));
    }
}
