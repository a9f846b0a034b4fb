package dev.saiki.text.dataset;

import dev.saiki.text.tokenizer.Tokenizer;
import java.io.Serial;
import java.io.Serializable;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A running assignment of documents, in corpus order, to the splits and shards of a dataset.
///
/// The state has a fixed size, so that the parts of a corpus can be visited one after another.
public final class ShardAssignment implements Serializable {

    @Serial
    private static final long serialVersionUID = 1L;

    private final long maxShardTokens;
    private final SplitState train = new SplitState("train");
    private final SplitState validation = new SplitState("validation");

    /// Starts an assignment.
    ///
    /// @param options the size of the shards
    public ShardAssignment(PrepareOptions options) {
        maxShardTokens = options.maxShardTokens();
    }

    /// The documents of a split so far.
    private static final class SplitState implements Serializable {

        @Serial
        private static final long serialVersionUID = 1L;

        private final String name;
        private int shards;
        private long shardTokens;
        private long documents;
        private long tokens;
        private long textBytes;

        SplitState(String name) {
            this.name = name;
        }

        List<String> files() {
            return IntStream.range(0, shards)
                    .mapToObj(shard -> fileName(name, shard))
                    .toList();
        }

        DatasetDescription.Split split() {
            return new DatasetDescription.Split(documents, tokens, textBytes, files());
        }
    }

    /// Assigns the next document.
    ///
    /// @param isHeldOut whether the document is held out
    /// @param numTokens the number of the document's ids, including the end of text
    /// @param numTextBytes the length of the document's text in UTF-8
    /// @return the number of the shard in its split, from 0
    public int assign(boolean isHeldOut, long numTokens, long numTextBytes) {
        SplitState split = isHeldOut ? validation : train;
        if (split.shards == 0 || split.shardTokens >= maxShardTokens) {
            split.shards++;
            split.shardTokens = 0;
        }
        split.shardTokens += numTokens;
        split.documents++;
        split.tokens += numTokens;
        split.textBytes += numTextBytes;
        return split.shards - 1;
    }

    /// The number of shards of training documents so far.
    ///
    /// @return the number
    public int numTrainShards() {
        return train.shards;
    }

    /// The files of the shards so far.
    ///
    /// @return the names, those of the training split first
    public List<String> files() {
        return Stream.concat(train.files().stream(), validation.files().stream())
                .toList();
    }

    static String fileName(String split, int number) {
        return String.format(Locale.ROOT, "%s-%05d.bin", split, number);
    }

    /// The content of `dataset.json` after the assignment of all documents.
    ///
    /// @param tokenizer the tokenizer of the documents
    /// @param options the options of the dataset
    /// @param dataHash the SHA-256 of all shards concatenated in the order of their numbers, in hexadecimal digits
    /// @return JSON in UTF-8
    public byte[] description(Tokenizer tokenizer, PrepareOptions options, String dataHash) {
        return new DatasetDescription(
                        tokenizer.vocabSize(),
                        tokenizer.hash(),
                        dataHash,
                        options.validationFraction(),
                        options.seed(),
                        DatasetDescription.HeldOutKind.WHOLE_DOCUMENTS,
                        train.split(),
                        validation.split())
                .toJson()
                .getBytes(StandardCharsets.UTF_8);
    }
}
