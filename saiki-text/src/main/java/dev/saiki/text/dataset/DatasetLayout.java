package dev.saiki.text.dataset;

import dev.saiki.text.tokenizer.Tokenizer;
import java.io.Serial;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Locale;

/// The assignment of documents to the splits and shards of a dataset.
///
/// Shards are numbered across both splits, the training split first. The layout takes one bit of memory per
/// document.
public final class DatasetLayout implements Serializable {

    @Serial
    private static final long serialVersionUID = 1L;

    private final BitSet held;
    private final int[] trainStarts;
    private final int[] validationStarts;

    private DatasetLayout(BitSet held, int[] trainStarts, int[] validationStarts) {
        this.held = held;
        this.trainStarts = trainStarts;
        this.validationStarts = validationStarts;
    }

    /// Lays out a dataset.
    ///
    /// @param documents the documents in order, at least two
    /// @param options the share and seed of the held-out documents, and the size of the shards
    /// @return the split and shard of each document
    public static DatasetLayout of(DocumentTable documents, PrepareOptions options) {
        BitSet held = HeldOutSelection.choose(
                documents.tokens(), documents.hashes(), options.validationFraction(), options.seed());
        return new DatasetLayout(
                held,
                starts(documents, held, false, options.maxShardTokens()),
                starts(documents, held, true, options.maxShardTokens()));
    }

    /// The first document of each shard in a split.
    private static int[] starts(DocumentTable documents, BitSet held, boolean wanted, long maxShardTokens) {
        List<Integer> starts = new ArrayList<>();
        long tokens = 0;
        for (int document = 0; document < documents.size(); document++) {
            if (held.get(document) == wanted) {
                if (starts.isEmpty() || tokens >= maxShardTokens) {
                    starts.add(document);
                    tokens = 0;
                }
                tokens += documents.tokens(document);
            }
        }
        return starts.stream().mapToInt(Integer::intValue).toArray();
    }

    boolean isHeldOut(int document) {
        return held.get(document);
    }

    /// The shard of a document.
    ///
    /// @param document the number of the document, from 0
    /// @return the number of the shard, from 0
    public int shard(int document) {
        return held.get(document) ? trainStarts.length + last(validationStarts, document) : last(trainStarts, document);
    }

    private static int last(int[] starts, int document) {
        int place = Arrays.binarySearch(starts, document);
        return place >= 0 ? place : -place - 2;
    }

    /// The number of shards in both splits.
    ///
    /// @return the number, at least two
    public int numShards() {
        return trainStarts.length + validationStarts.length;
    }

    /// The file of a shard.
    ///
    /// @param shard the number of the shard, from 0
    /// @return a name such as `train-00000.bin`
    public String fileName(int shard) {
        return shard < trainStarts.length
                ? fileName("train", shard)
                : fileName("validation", shard - trainStarts.length);
    }

    static String fileName(String split, int number) {
        return String.format(Locale.ROOT, "%s-%05d.bin", split, number);
    }

    /// The content of `dataset.json`.
    ///
    /// @param tokenizer the tokenizer of the documents
    /// @param documents the documents that were laid out
    /// @param options the options of the layout
    /// @param dataHash the SHA-256 of all shards concatenated in the order of their numbers, in hexadecimal digits
    /// @return JSON in UTF-8
    public byte[] description(Tokenizer tokenizer, DocumentTable documents, PrepareOptions options, String dataHash) {
        return new DatasetDescription(
                        tokenizer.vocabSize(),
                        tokenizer.hash(),
                        dataHash,
                        options.validationFraction(),
                        options.seed(),
                        DatasetDescription.HeldOutKind.WHOLE_DOCUMENTS,
                        split(documents, false),
                        split(documents, true))
                .toJson()
                .getBytes(StandardCharsets.UTF_8);
    }

    private DatasetDescription.Split split(DocumentTable documents, boolean wanted) {
        long count = 0;
        long tokens = 0;
        long textBytes = 0;
        for (int document = 0; document < documents.size(); document++) {
            if (held.get(document) == wanted) {
                count++;
                tokens += documents.tokens(document);
                textBytes += documents.textBytes(document);
            }
        }
        List<String> files = new ArrayList<>();
        for (int shard = wanted ? trainStarts.length : 0;
                shard < (wanted ? numShards() : trainStarts.length);
                shard++) {
            files.add(fileName(shard));
        }
        return new DatasetDescription.Split(count, tokens, textBytes, files);
    }
}
