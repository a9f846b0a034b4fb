package dev.saiki.train.deepening;

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
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;

/// The one-pass model that a run deepens, or from which the run's base was deepened: the reference model of a
/// certificate.
///
/// @param base the content hash of the model
/// @param tensors the hash of each of the model's tensors, by name
public record OnePassBase(String base, Map<String, String> tensors) {

    private static final JsonMapper MAPPER = JsonMapper.shared();
    private static final String FILE = "one-pass.json";

    /// Determines the one-pass model from the checkpoint that a run starts from, reading the whole
    /// checkpoint.
    ///
    /// @param checkpoint the model
    /// @param contentHash the content hash of that checkpoint
    /// @return the one-pass model; empty if the checkpoint has several passes and no one-pass certificate, or a
    ///     void one
    public static Optional<OnePassBase> of(CheckpointDirectory checkpoint, String contentHash) {
        Collection<StoredTensor> stored = checkpoint.tensors().values();
        if (checkpoint.config().numRecursions() == 1) {
            return Optional.of(new OnePassBase(contentHash, OnePassCertificate.hashes(stored)));
        }
        return checkpoint
                .manifest()
                .flatMap((Manifest manifest) -> manifest.provenance().onePass())
                // Even a certificate that was not issued names the base, with whose loss that of one pass is
                // compared.
                .filter(certificate -> !certificate.isIssued()
                        || certificate.changed(checkpoint.config(), stored).isEmpty())
                .map(certificate -> new OnePassBase(certificate.base(), certificate.tensors()));
    }

    /// Certifies the trained model against this base.
    ///
    /// @param config the trained model
    /// @param stored the trained model's tensors
    /// @return empty if the trained model has only one pass
    public Optional<OnePassCertificate> certificate(ModelConfig config, Collection<StoredTensor> stored) {
        return config.numRecursions() > 1
                ? Optional.of(OnePassCertificate.issue(base, tensors, config, stored))
                : Optional.empty();
    }

    /// Writes the file that {@link #read} reads.
    ///
    /// @param folder the folder of the file
    /// @throws IOException if the file cannot be written
    public void write(Path folder) throws IOException {
        AtomicFiles.writeString(
                folder.resolve(FILE), MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n");
    }

    /// Reads the one-pass model of a run.
    ///
    /// @param folder the folder of the file
    /// @return empty if there is no such file
    /// @throws IOException if the file cannot be read
    public static Optional<OnePassBase> read(Path folder) throws IOException {
        Path file = folder.resolve(FILE);
        return Files.exists(file)
                ? Optional.of(MAPPER.readValue(Files.readAllBytes(file), OnePassBase.class))
                : Optional.empty();
    }
}
