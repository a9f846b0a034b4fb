package dev.saiki.text.dataset;

import dev.saiki.text.hash.SplitMix64;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/// A temporary file with all ids of a corpus, in the shards' number format, and the lengths of its documents.
///
/// The held-out documents are known only after the tokens of all documents have been counted, so ids are stored
/// here before they are written to the shards of the two splits.
final class TokenSpool implements AutoCloseable {

    private static final int BUFFER_BYTES = 1 << 16;

    private final FileChannel channel;
    private final int vocabSize;
    private final int idBytes;
    private final int endOfTextId;
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
    private final DocumentTable documents = new DocumentTable();
    private boolean hasMarks;
    private long documentTokens;
    private long documentBytes;
    private long documentHash;

    TokenSpool(Path file, int vocabSize, int endOfTextId) throws IOException {
        this.vocabSize = vocabSize;
        idBytes = ShardFormat.idBytes(vocabSize);
        this.endOfTextId = endOfTextId;
        channel = FileChannel.open(
                file,
                StandardOpenOption.CREATE_NEW,
                StandardOpenOption.READ,
                StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE);
    }

    /// The documents so far.
    DocumentTable documents() {
        return documents;
    }

    /// Whether an id is marked.
    boolean hasMarks() {
        return hasMarks;
    }

    void add(ParallelEncoder.Part part) throws IOException {
        hasMarks |= !part.marked().isEmpty();
        for (int i = 0; i < part.ids().length; i++) {
            int id = part.ids()[i];
            put(part.marked().get(i) ? ShardFormat.marked(id, idBytes, vocabSize) : id);
        }
        documentTokens += part.ids().length;
        documentBytes += part.textBytes();
        documentHash = SplitMix64.mix(documentHash, part.hash());
        if (part.last()) {
            put(endOfTextId);
            documents.add(documentTokens + 1, documentBytes, documentHash);
            documentTokens = 0;
            documentBytes = 0;
            documentHash = 0;
        }
    }

    private void put(int id) throws IOException {
        if (buffer.remaining() < idBytes) {
            flush();
        }
        ShardFormat.putId(buffer, id, idBytes);
    }

    /// Flushes the file; must be called between the last {@link #add} and the first {@link #copy}.
    void flush() throws IOException {
        buffer.flip();
        while (buffer.hasRemaining()) {
            channel.write(buffer);
        }
        buffer.clear();
    }

    /// Copies ids to a shard.
    ///
    /// @param from the index of the first id in the whole spool
    /// @param count the number of ids
    void copy(long from, long count, ShardWriter target) throws IOException {
        long at = from * idBytes;
        long end = at + count * idBytes;
        while (at < end) {
            buffer.clear().limit((int) Math.min(BUFFER_BYTES, end - at));
            while (buffer.hasRemaining() && channel.read(buffer, at + buffer.position()) >= 0) {
                // A read may return fewer bytes than requested.
            }
            at += buffer.flip().remaining();
            target.ids(buffer);
        }
        buffer.clear();
    }

    /// Appends an end-of-text id to a shard.
    void copyEndOfText(ShardWriter target) throws IOException {
        buffer.clear();
        put(endOfTextId);
        target.ids(buffer.flip());
        buffer.clear();
    }

    /// Reads one id.
    int id(long token) throws IOException {
        buffer.clear().limit(idBytes);
        while (buffer.hasRemaining() && channel.read(buffer, token * idBytes + buffer.position()) >= 0) {
            // A read may return fewer bytes than requested.
        }
        int id = idBytes == 2 ? Short.toUnsignedInt(buffer.getShort(0)) : buffer.getInt(0);
        buffer.clear();
        return hasMarks ? id & ~ShardFormat.markBit(idBytes) : id;
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
