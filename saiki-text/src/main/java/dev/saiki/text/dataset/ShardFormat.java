package dev.saiki.text.dataset;

import dev.saiki.io.InputException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// The layout of a token shard, version {@value #VERSION}; all numbers are little-endian.
///
/// ```
/// offset  bytes
///      0      8  magic, "SAIKITOK"
///      8      4  version
///     12      4  bytes per id: 2 if the vocabulary has at most 65,536 ids, otherwise 4
///     16      4  vocabulary size; every id is below it
///     20      4  end-of-text id; the last id of every document
///     24      8  number of ids, n
///     32      8  number of documents, d
///     40      8  length in UTF-8 of the text that the ids stand for, without the end-of-text tokens
///     48      4  CRC-32C of everything after the header
///     52      8  zero
///     60      4  CRC-32C of the header before this field
///     64         n ids, then zeros up to a multiple of 8
///                d index entries of 16 bytes: index of a document's first id (8), length of its text in UTF-8 (8)
/// ```
///
/// Documents are concatenated and fill the shard. The index follows the ids so that a shard can be written in one
/// pass; the header is written last.
///
/// A shard of version {@value #MARKED_VERSION} has marks: the highest bit of an id is set if the token belongs to a
/// marked answer.
final class ShardFormat {

    static final long MAGIC = 0x4B4F_5449_4B49_4153L;
    static final int VERSION = 1;
    static final int MARKED_VERSION = 2;
    static final int HEADER_BYTES = 64;
    static final int INDEX_ENTRY_BYTES = 16;
    static final int LARGEST_NARROW_VOCABULARY = 1 << 16;

    private static final int LARGEST_MARKED_VOCABULARY = 1 << 15;

    static final int AT_VERSION = 8;
    static final int AT_ID_BYTES = 12;
    static final int AT_VOCAB_SIZE = 16;
    static final int AT_END_OF_TEXT = 20;
    static final int AT_TOKENS = 24;
    static final int AT_DOCUMENTS = 32;
    static final int AT_TEXT_BYTES = 40;
    static final int AT_CHECKSUM = 48;
    static final int AT_RESERVED = 52;
    static final int AT_HEADER_CHECKSUM = 60;

    static final ValueLayout.OfShort U16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt U32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfLong U64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private ShardFormat() {}

    static int idBytes(int vocabSize) {
        return vocabSize <= LARGEST_NARROW_VOCABULARY ? 2 : 4;
    }

    /// Marks an id that is about to be stored in a marked shard.
    ///
    /// @throws InputException if ids of the vocabulary leave no bit for the mark
    static int marked(int id, int idBytes, int vocabSize) {
        InputException.require(
                idBytes != 2 || vocabSize <= LARGEST_MARKED_VOCABULARY,
                "marked answers",
                "the tokenizer",
                "of at most " + LARGEST_MARKED_VOCABULARY + " or more than " + LARGEST_NARROW_VOCABULARY + " tokens",
                vocabSize);
        return id | markBit(idBytes);
    }

    /// The bit of a stored id that says whether it belongs to a marked answer, in shards of version
    /// {@value #MARKED_VERSION}.
    static int markBit(int idBytes) {
        return idBytes == 2 ? 1 << 15 : 1 << 31;
    }

    static void putId(ByteBuffer target, int id, int idBytes) {
        if (idBytes == 2) {
            target.putShort((short) id);
        } else {
            target.putInt(id);
        }
    }

    /// The number of zero bytes after `tokens` ids.
    static int padding(long tokens, int idBytes) {
        return (int) (-(tokens * idBytes) & 7);
    }
}
