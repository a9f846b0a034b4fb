package dev.saiki.server.audit;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;

/// The identity of a model by content: two checkpoints with the same versions write the same.
///
/// @param name what requests call it
/// @param version SHA-256 of its structure and all its tensors
/// @param router SHA-256 of its routing and the tensors of its routers; `none` without a router
public record ModelVersion(String name, String version, String router) {

    /// Said of a model without a router.
    public static final String NO_ROUTER = "none";

    private static final String ROUTER_PREFIX = "model.router";
    private static final String AUXILIARY_PREFIX = "model.auxiliary_router";

    /// Bytes that are hashed in one go.
    private static final long PORTION = 1L << 28;

    /// Reads all of a checkpoint.
    ///
    /// @param name what requests call the model
    /// @param checkpoint the model
    /// @return its version
    public static ModelVersion of(String name, CheckpointDirectory checkpoint) {
        Collection<StoredTensor> all = checkpoint.tensors().values();
        List<StoredTensor> routers = all.stream()
                .filter(tensor ->
                        tensor.name().startsWith(ROUTER_PREFIX) || tensor.name().startsWith(AUXILIARY_PREFIX))
                .toList();
        String structure = checkpoint.config().toJson().toString();
        return new ModelVersion(
                name,
                hash(structure, all),
                routers.isEmpty()
                        ? NO_ROUTER
                        : hash(checkpoint.config().routing().toString(), routers));
    }

    private static String hash(String structure, Collection<StoredTensor> tensors) {
        MessageDigest digest = sha256();
        digest.update(structure.getBytes(StandardCharsets.UTF_8));
        for (StoredTensor tensor : tensors) {
            String head = "\n" + tensor.name() + " " + tensor.type() + " " + tensor.shape() + "\n";
            digest.update(head.getBytes(StandardCharsets.UTF_8));
            MemorySegment data = tensor.data();
            for (long from = 0; from < data.byteSize(); from += PORTION) {
                digest.update(data.asSlice(from, Math.min(PORTION, data.byteSize() - from))
                        .asByteBuffer());
            }
            // The engine has its own copy, and a server that changes its model often would hold every file it read.
            tensor.letGo();
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
