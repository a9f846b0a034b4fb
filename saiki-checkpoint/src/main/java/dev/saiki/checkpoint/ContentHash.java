package dev.saiki.checkpoint;

import dev.saiki.checkpoint.safetensors.StoredTensor;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collection;
import java.util.HexFormat;

/// The SHA-256 of a model's structure and tensors: two checkpoints with the same one compute the same.
public final class ContentHash {

    /// Bytes that are hashed in one go.
    private static final long PORTION = 1L << 28;

    private ContentHash() {}

    /// Reads all of a checkpoint.
    ///
    /// @param checkpoint the model
    /// @return 64 hexadecimal digits
    public static String of(CheckpointDirectory checkpoint) {
        return of(checkpoint.config().toJson().toString(), checkpoint.tensors().values());
    }

    /// Hashes a part of a model. The pages of its files are let go of.
    ///
    /// @param structure what the tensors are computed with
    /// @param tensors the tensors, in an order that is always the same
    /// @return 64 hexadecimal digits
    public static String of(String structure, Collection<StoredTensor> tensors) {
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
            // An engine has its own copy, and a server that changes its model often would hold every file it read.
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
