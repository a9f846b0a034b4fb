package dev.saiki.checkpoint.provenance;

import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.io.Sha256;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import tools.jackson.databind.node.ObjectNode;

/// A certificate that one pass of a deepened model (`max_depth` 1, `effort` 0) equals its base, bit for bit.
///
/// The certificate is valid if the tensors that one pass uses equal the base's. Each tensor is identified by the
/// SHA-256 of its shape and of its numbers in float32, so that the hash does not depend on the number format.
/// Parts that only later passes use (a router, gates, thresholds) may change.
///
/// @param base SHA-256 of the base's configuration and tensors, as in manifests
/// @param structure SHA-256 of the configuration without its routing
/// @param tensors SHA-256 of the base's copy of each tensor that one pass uses, by name
/// @param trained the names of those tensors that training changed; if there are any, nothing is certified
public record OnePassCertificate(String base, String structure, Map<String, String> tensors, List<String> trained) {

    /// The name of the configuration in lists of changes.
    public static final String CONFIGURATION = "config.json";

    /// Copies the mutable components.
    public OnePassCertificate {
        tensors = Collections.unmodifiableMap(new TreeMap<>(tensors));
        trained = List.copyOf(trained);
    }

    /// Creates the certificate of a newly trained model.
    ///
    /// @param base SHA-256 of the base
    /// @param ofBase hash of each of the base's tensors by name, from {@link #hashes}
    /// @param config the deepened model
    /// @param stored the model's tensors
    /// @return the certificate, which names the trained tensors
    public static OnePassCertificate issue(
            String base, Map<String, String> ofBase, ModelConfig config, Collection<StoredTensor> stored) {
        Map<String, String> now = hashes(stored.stream()
                .filter(tensor -> ofBase.containsKey(tensor.name()))
                .toList());
        return new OnePassCertificate(base, structure(config), ofBase, differing(ofBase, now));
    }

    private static List<String> differing(Map<String, String> expected, Map<String, String> now) {
        return expected.entrySet().stream()
                .filter(entry -> !entry.getValue().equals(now.get(entry.getKey())))
                .map(Map.Entry::getKey)
                .toList();
    }

    /// Whether one pass equalled the base when the model was written.
    ///
    /// @return false if training changed a tensor that one pass uses
    public boolean isIssued() {
        return trained.isEmpty();
    }

    /// Finds the changes since the certificate was issued.
    ///
    /// @param config the model's configuration
    /// @param stored the model's tensors
    /// @return names of tensors, and {@link #CONFIGURATION}; empty if the certificate is valid
    public List<String> changed(ModelConfig config, Collection<StoredTensor> stored) {
        Map<String, String> now = hashes(stored.stream()
                .filter(tensor -> tensors.containsKey(tensor.name()))
                .toList());
        List<String> changed = new ArrayList<>();
        if (!structure.equals(structure(config))) {
            changed.add(CONFIGURATION);
        }
        changed.addAll(differing(tensors, now));
        return changed;
    }

    /// Hashes tensors.
    ///
    /// @param stored the tensors
    /// @return SHA-256 of each tensor's shape and numbers in float32, by name
    public static SequencedMap<String, String> hashes(Collection<StoredTensor> stored) {
        SequencedMap<String, String> hashes = new TreeMap<>();
        for (StoredTensor tensor : stored) {
            MessageDigest digest = Sha256.digest();
            digest.update((tensor.shape() + "\n").getBytes(StandardCharsets.UTF_8));
            int portion = 1 << 20;
            float[] numbers = new float[portion];
            ByteBuffer bytes = ByteBuffer.allocate(portion * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            for (long from = 0; from < tensor.elementCount(); from += portion) {
                int count = (int) Math.min(portion, tensor.elementCount() - from);
                tensor.copyTo(from, numbers, 0, count);
                bytes.clear();
                bytes.asFloatBuffer().put(numbers, 0, count);
                digest.update(bytes.limit(count * Float.BYTES));
            }
            tensor.unload();
            hashes.put(tensor.name(), HexFormat.of().formatHex(digest.digest()));
        }
        return hashes;
    }

    /// Hashes the configuration without routing, which only decides which tokens continue after one pass.
    private static String structure(ModelConfig config) {
        ObjectNode json = config.toJson();
        json.remove("routing");
        return Sha256.hex(json.toString().getBytes(StandardCharsets.UTF_8));
    }
}
