package dev.saiki.text.dataset;

import dev.saiki.io.InputException;
import java.util.List;

/// The token ids of one split (training or held-out) of a dataset, across all its shards.
///
/// Documents are concatenated in corpus order, each followed by the end-of-text id. Ids are read from
/// memory-mapped files, so that a split may exceed memory. Instances are immutable and thread-safe.
public final class TokenShards {

    private final String name;
    private final List<TokenShard> shards;
    /// The index of the first token of each shard, followed by the number of all tokens.
    private final long[] firstTokens;

    /// The number of the first document of each shard, followed by the number of all documents.
    private final long[] firstDocuments;

    /// Joins opened shards.
    ///
    /// @param name the name of the split in messages
    /// @param shards the shards in order, at least one, with the same vocabulary
    TokenShards(String name, List<TokenShard> shards) {
        this.name = name;
        this.shards = List.copyOf(shards);
        firstTokens = new long[shards.size() + 1];
        firstDocuments = new long[shards.size() + 1];
        for (int i = 0; i < shards.size(); i++) {
            firstTokens[i + 1] = firstTokens[i] + shards.get(i).tokens();
            firstDocuments[i + 1] = firstDocuments[i] + shards.get(i).documents();
        }
    }

    /// The name of the split in messages.
    ///
    /// @return dataset folder and split
    public String name() {
        return name;
    }

    /// The size of the vocabulary; every id is smaller than this number.
    ///
    /// @return the vocabulary size
    public int vocabSize() {
        return shards.getFirst().vocabSize();
    }

    /// The id after every document.
    ///
    /// @return the end-of-text id
    public int endOfTextId() {
        return shards.getFirst().endOfTextId();
    }

    /// The number of ids, including end-of-text ids.
    ///
    /// @return the number of ids
    public long tokens() {
        return firstTokens[shards.size()];
    }

    /// The number of documents.
    ///
    /// @return the number, at least 1
    public long documents() {
        return firstDocuments[shards.size()];
    }

    /// The length of all text in UTF-8, the denominator of bits per byte.
    ///
    /// @return the number of bytes
    public long textBytes() {
        return shards.stream().mapToLong(TokenShard::textBytes).sum();
    }

    /// One document.
    ///
    /// @param document the number of the document, from 0
    /// @return the document's ids, ending with the end of text
    public int[] document(long document) {
        int shard = shardOf(firstDocuments, document);
        TokenShard source = shards.get(shard);
        int inside = (int) (document - firstDocuments[shard]);
        long start = source.documentStart(inside);
        int[] ids = new int[Math.toIntExact(source.documentStart(inside + 1) - start)];
        source.copy(start, ids, 0, ids.length);
        return ids;
    }

    /// The number of training rows in the split. Adjacent rows share one id, which is the last target of the first
    /// row and the first input of the second; a remainder at the end of the split gives no row.
    ///
    /// @param sequenceLength the number of inputs in a row, T
    /// @return the number of rows, possibly 0
    public long rows(int sequenceLength) {
        InputException.require(sequenceLength >= 1, name, "the sequence length", "at least 1", sequenceLength);
        return (tokens() - 1) / sequenceLength;
    }

    /// One training row.
    ///
    /// @param sequenceLength the number of inputs, T
    /// @param row the row's number, from 0, below {@link #rows}
    /// @return T + 1 ids: inputs are `[0, T)`, targets `[1, T + 1)`
    public int[] row(int sequenceLength, long row) {
        if (row < 0 || row >= rows(sequenceLength)) {
            throw new IndexOutOfBoundsException("row " + row + " of " + rows(sequenceLength) + " in " + name);
        }
        int[] ids = new int[sequenceLength + 1];
        copy(row * sequenceLength, ids);
        return ids;
    }

    /// Fills an array with consecutive ids, across document and shard boundaries.
    ///
    /// @param from the index of the first id in the split
    /// @param target the array to fill
    public void copy(long from, int[] target) {
        if (from < 0 || target.length > tokens() - from) {
            throw new IndexOutOfBoundsException(
                    "ids " + from + " to " + (from + target.length) + " of " + tokens() + " in " + name);
        }
        int done = 0;
        while (done < target.length) {
            int shard = shardOf(firstTokens, from + done);
            long inside = from + done - firstTokens[shard];
            int count = (int) Math.min(target.length - done, shards.get(shard).tokens() - inside);
            shards.get(shard).copy(inside, target, done, count);
            done += count;
        }
    }

    /// Whether tokens of marked answers are marked.
    ///
    /// @return whether a shard has marks
    public boolean hasMarks() {
        return shards.stream().anyMatch(TokenShard::hasMarks);
    }

    /// The marks of one training row.
    ///
    /// @param sequenceLength the number of inputs, T
    /// @param row the row's number, from 0, below {@link #rows}
    /// @return for each of the T + 1 ids whether it belongs to a marked answer
    public boolean[] marks(int sequenceLength, long row) {
        boolean[] marks = new boolean[sequenceLength + 1];
        long from = row * sequenceLength;
        int done = 0;
        while (done < marks.length) {
            int shard = shardOf(firstTokens, from + done);
            TokenShard source = shards.get(shard);
            long inside = from + done - firstTokens[shard];
            int count = (int) Math.min(marks.length - done, source.tokens() - inside);
            for (int i = 0; i < count; i++) {
                marks[done + i] = source.isMarked(inside + i);
            }
            done += count;
        }
        return marks;
    }

    private int shardOf(long[] firsts, long wanted) {
        if (wanted < 0 || wanted >= firsts[shards.size()]) {
            throw new IndexOutOfBoundsException(wanted + " of " + firsts[shards.size()] + " in " + name);
        }
        int shard = 0;
        while (firsts[shard + 1] <= wanted) {
            shard++;
        }
        return shard;
    }
}
