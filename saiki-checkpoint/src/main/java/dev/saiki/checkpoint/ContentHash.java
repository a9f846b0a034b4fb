package dev.saiki.checkpoint;

import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.io.Sha256;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.HexFormat;

/// A hash of a model's content: SHA-256 of its structure and tensors. Checkpoints with equal hashes compute the
/// same results.
public final class ContentHash {

    /// The number of bytes hashed at a time.
    private static final long PORTION = 1L << 28;

    private ContentHash() {}

    /// Hashes the structure and all tensors of a checkpoint.
    ///
    /// @param checkpoint the model
    /// @return 64 hexadecimal digits
    public static String of(CheckpointDirectory checkpoint) {
        return of(checkpoint.config().toJson().toString(), checkpoint.tensors().values());
    }

    /// Hashes a structure and tensors.
    ///
    /// @param structure the structure of the model
    /// @param tensors the tensors, in a defined order
    /// @return 64 hexadecimal digits
    public static String of(String structure, Collection<StoredTensor> tensors) {
        MessageDigest digest = Sha256.digest();
        digest.update(structure.getBytes(StandardCharsets.UTF_8));
        for (StoredTensor tensor : tensors) {
            String head = "\n" + tensor.name() + " " + tensor.type() + " " + tensor.shape() + "\n";
            digest.update(head.getBytes(StandardCharsets.UTF_8));
            MemorySegment data = tensor.data();
            for (long from = 0; from < data.byteSize(); from += PORTION) {
                digest.update(data.asSlice(from, Math.min(PORTION, data.byteSize() - from))
                        .asByteBuffer());
            }
            // Unloads the file's pages: engines have their own copies, and a server that often changes its model
            // would otherwise keep every file in memory.
            tensor.unload();
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
