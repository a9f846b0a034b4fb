package dev.saiki.text.dataset;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/// A one-pass writer of a shard, which writes the header last, see `ShardFormat`.
public final class ShardWriter implements AutoCloseable {

    private final FileChannel channel;
    private final int vocabSize;
    private final int endOfTextId;
    private final boolean hasMarks;
    private final int idBytes;
    private final CRC32C checksum = new CRC32C();
    private final LongSequence index = new LongSequence();
    private long tokens;
    private long textBytes;

    /// Starts a shard.
    ///
    /// @param file a new file
    /// @param vocabSize the number of ids of the tokenizer
    /// @param endOfTextId the last id of every document
    /// @param hasMarks whether ids of marked answers are marked
    /// @throws IOException if the file exists or cannot be written
    public ShardWriter(Path file, int vocabSize, int endOfTextId, boolean hasMarks) throws IOException {
        this.vocabSize = vocabSize;
        this.endOfTextId = endOfTextId;
        this.hasMarks = hasMarks;
        idBytes = ShardFormat.idBytes(vocabSize);
        channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
        channel.position(ShardFormat.HEADER_BYTES);
    }

    /// Begins a document; its ids, ending with the end of text, are passed to {@link #ids}.
    ///
    /// @param bytes the length of the document's text in UTF-8
    public void beginDocument(long bytes) {
        index.add(tokens);
        index.add(bytes);
        textBytes += bytes;
    }

    /// Appends ids.
    ///
    /// @param ids whole ids in the shard's number format, from the buffer's position to its limit
    /// @throws IOException if the file cannot be written
    public void ids(ByteBuffer ids) throws IOException {
        tokens += ids.remaining() / idBytes;
        write(ids);
    }

    /// Writes index and header.
    ///
    /// @throws IOException if the file cannot be written
    public void finish() throws IOException {
        write(ByteBuffer.allocate(ShardFormat.padding(tokens, idBytes)));
        ByteBuffer entries = ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < index.size(); i++) {
            if (!entries.hasRemaining()) {
                write(entries.flip());
                entries.clear();
            }
            entries.putLong(index.get(i));
        }
        write(entries.flip());
        ByteBuffer header = header();
        while (header.hasRemaining()) {
            channel.write(header, header.position());
        }
    }

    private ByteBuffer header() {
        ByteBuffer header = ByteBuffer.allocate(ShardFormat.HEADER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
        header.putLong(0, ShardFormat.MAGIC);
        header.putInt(ShardFormat.AT_VERSION, hasMarks ? ShardFormat.MARKED_VERSION : ShardFormat.VERSION);
        header.putInt(ShardFormat.AT_ID_BYTES, idBytes);
        header.putInt(ShardFormat.AT_VOCAB_SIZE, vocabSize);
        header.putInt(ShardFormat.AT_END_OF_TEXT, endOfTextId);
        header.putLong(ShardFormat.AT_TOKENS, tokens);
        header.putLong(ShardFormat.AT_DOCUMENTS, index.size() / 2);
        header.putLong(ShardFormat.AT_TEXT_BYTES, textBytes);
        header.putInt(ShardFormat.AT_CHECKSUM, (int) checksum.getValue());
        CRC32C own = new CRC32C();
        own.update(header.array(), 0, ShardFormat.AT_HEADER_CHECKSUM);
        header.putInt(ShardFormat.AT_HEADER_CHECKSUM, (int) own.getValue());
        return header;
    }

    private void write(ByteBuffer bytes) throws IOException {
        checksum.update(bytes.duplicate());
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
