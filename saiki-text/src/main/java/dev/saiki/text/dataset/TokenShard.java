package dev.saiki.text.dataset;

import dev.saiki.io.InputException;
import dev.saiki.text.files.TextInput;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.zip.CRC32C;

/// A memory-mapped shard, fully checked when it is opened; see {@link ShardFormat}.
///
/// The check reads the whole file once, which also loads it into the page cache. The check ensures that every id
/// is in the vocabulary and every document is inside the file, so that training needs no further checks. The
/// mapping lives until the shard is garbage-collected.
final class TokenShard {

    private static final long CHECK_BYTES = 1 << 20;

    private final String name;
    private final MemorySegment file;
    private final int idBytes;
    private final boolean hasMarks;
    private final int idMask;
    private final int vocabSize;
    private final int endOfTextId;
    private final long tokens;
    private final int documents;
    private final long textBytes;
    private final long indexStart;

    private TokenShard(String name, MemorySegment file) {
        this.name = name;
        this.file = file;
        checkHeader();
        idBytes = file.get(ShardFormat.U32, ShardFormat.AT_ID_BYTES);
        hasMarks = file.get(ShardFormat.U32, ShardFormat.AT_VERSION) == ShardFormat.MARKED_VERSION;
        idMask = hasMarks ? ~ShardFormat.markBit(idBytes) : -1;
        vocabSize = file.get(ShardFormat.U32, ShardFormat.AT_VOCAB_SIZE);
        endOfTextId = file.get(ShardFormat.U32, ShardFormat.AT_END_OF_TEXT);
        tokens = file.get(ShardFormat.U64, ShardFormat.AT_TOKENS);
        long documentCount = file.get(ShardFormat.U64, ShardFormat.AT_DOCUMENTS);
        textBytes = file.get(ShardFormat.U64, ShardFormat.AT_TEXT_BYTES);
        checkCounts(documentCount);
        documents = (int) documentCount;
        indexStart = ShardFormat.HEADER_BYTES + tokens * idBytes + ShardFormat.padding(tokens, idBytes);
        checkChecksum();
        checkIds();
        checkIndex();
    }

    /// Maps and checks a file.
    ///
    /// @throws InputException if the file is missing or not a valid shard of this version
    static TokenShard open(Path path) {
        try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
            MemorySegment file = channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), Arena.ofAuto());
            return of(path.toString(), file);
        } catch (NoSuchFileException e) {
            throw new InputException(path + ": no such file", e);
        } catch (IOException e) {
            throw TextInput.unreadable(path.toString(), e);
        }
    }

    /// Checks the content of a file.
    ///
    /// @throws InputException if the content is not a valid shard of this version
    static TokenShard of(String name, MemorySegment file) {
        return new TokenShard(name, file);
    }

    int vocabSize() {
        return vocabSize;
    }

    int endOfTextId() {
        return endOfTextId;
    }

    long tokens() {
        return tokens;
    }

    int documents() {
        return documents;
    }

    long textBytes() {
        return textBytes;
    }

    long documentStart(int document) {
        return document == documents
                ? tokens
                : file.get(ShardFormat.U64, indexStart + (long) document * ShardFormat.INDEX_ENTRY_BYTES);
    }

    long documentTextBytes(int document) {
        return file.get(ShardFormat.U64, indexStart + (long) document * ShardFormat.INDEX_ENTRY_BYTES + Long.BYTES);
    }

    int id(long token) {
        return stored(token) & idMask;
    }

    private int stored(long token) {
        long at = ShardFormat.HEADER_BYTES + token * idBytes;
        return idBytes == 2 ? Short.toUnsignedInt(file.get(ShardFormat.U16, at)) : file.get(ShardFormat.U32, at);
    }

    /// Whether ids of marked answers are marked.
    boolean hasMarks() {
        return hasMarks;
    }

    /// Whether a token belongs to a marked answer.
    boolean isMarked(long token) {
        return (stored(token) & ~idMask) != 0;
    }

    /// Copies ids `[from, from + count)` to `target[at, at + count)`.
    void copy(long from, int[] target, int at, int count) {
        for (int i = 0; i < count; i++) {
            target[at + i] = id(from + i);
        }
    }

    private void checkHeader() {
        if (file.byteSize() < ShardFormat.HEADER_BYTES) {
            throw damaged("the file is shorter than a header: " + file.byteSize() + " bytes");
        }
        InputException.require(
                file.get(ShardFormat.U64, 0) == ShardFormat.MAGIC, name + ": not a token shard of Saiki");
        int version = file.get(ShardFormat.U32, ShardFormat.AT_VERSION);
        if (version != ShardFormat.VERSION && version != ShardFormat.MARKED_VERSION) {
            throw new InputException(name + ": the format version must be " + ShardFormat.VERSION + " or "
                    + ShardFormat.MARKED_VERSION + ", got "
                    + Integer.toUnsignedString(version) + "; prepare the data again with this version of Saiki");
        }
        CRC32C checksum = new CRC32C();
        checksum.update(file.asSlice(0, ShardFormat.AT_HEADER_CHECKSUM).asByteBuffer());
        if ((int) checksum.getValue() != file.get(ShardFormat.U32, ShardFormat.AT_HEADER_CHECKSUM)
                || file.get(ShardFormat.U64, ShardFormat.AT_RESERVED) != 0) {
            throw damaged("the header does not match its checksum");
        }
    }

    private void checkCounts(long documentCount) {
        if (vocabSize < 1 || endOfTextId < 0 || endOfTextId >= vocabSize || idBytes != ShardFormat.idBytes(vocabSize)) {
            throw damaged("vocabulary size " + vocabSize + ", end of text " + endOfTextId + " and " + idBytes
                    + " bytes per id are inconsistent");
        }
        long available = file.byteSize() - ShardFormat.HEADER_BYTES;
        boolean plausible = tokens >= 1
                && documentCount >= 1
                && documentCount <= Integer.MAX_VALUE
                && tokens <= available / idBytes
                && documentCount <= available / ShardFormat.INDEX_ENTRY_BYTES
                && textBytes >= 0;
        long expected = plausible
                ? tokens * idBytes
                        + ShardFormat.padding(tokens, idBytes)
                        + documentCount * ShardFormat.INDEX_ENTRY_BYTES
                : -1;
        if (expected != available) {
            throw damaged("a length of " + file.byteSize() + " bytes does not match " + tokens + " ids in "
                    + documentCount + " documents; the file is truncated or has extra data");
        }
    }

    private void checkChecksum() {
        CRC32C checksum = new CRC32C();
        for (long at = ShardFormat.HEADER_BYTES; at < file.byteSize(); at += CHECK_BYTES) {
            checksum.update(file.asSlice(at, Math.min(CHECK_BYTES, file.byteSize() - at))
                    .asByteBuffer());
        }
        if ((int) checksum.getValue() != file.get(ShardFormat.U32, ShardFormat.AT_CHECKSUM)) {
            throw damaged("the content does not match its checksum");
        }
    }

    private void checkIds() {
        int largest = 0;
        for (long token = 0; token < tokens; token++) {
            int id = id(token);
            largest = Math.max(largest, id < 0 ? Integer.MAX_VALUE : id);
        }
        if (largest >= vocabSize) {
            throw damaged("an id is outside the vocabulary of " + vocabSize);
        }
    }

    private void checkIndex() {
        long bytes = 0;
        for (int document = 0; document < documents; document++) {
            long start = documentStart(document);
            long end = documentStart(document + 1);
            long text = documentTextBytes(document);
            boolean sound = (document > 0 || start == 0)
                    && start >= 0
                    && start < end
                    && end <= tokens
                    && text >= 0
                    && text <= textBytes - bytes
                    && id(end - 1) == endOfTextId;
            if (!sound) {
                throw damaged("document " + document + " does not match the index");
            }
            bytes += text;
        }
        if (bytes != textBytes) {
            throw damaged("the documents have " + bytes + " bytes of text, the header says " + textBytes);
        }
    }

    private InputException damaged(String what) {
        return new InputException(name + ": damaged token shard: " + what + "; prepare the data again");
    }
}
