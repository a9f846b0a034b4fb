package dev.saiki.text.dataset;

import dev.saiki.io.AtomicFiles;
import dev.saiki.io.DirectoryLock;
import dev.saiki.io.InputException;
import dev.saiki.io.storage.Storage;
import dev.saiki.text.cleaning.CleanedCorpus;
import dev.saiki.text.cleaning.Lineage;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// A corpus as token ids on disk, split into training and held-out documents.
///
/// The folder holds shards such as `train-00000.bin` and `validation-00000.bin` (see `ShardFormat`), the
/// `tokenizer.json` that encoded the text, and `dataset.json` with counts and hashes. The folder is written
/// atomically: a reader sees the whole dataset or nothing.
public final class TokenDataset {

    /// The file name of the description in the folder.
    public static final String DESCRIPTION_FILE = "dataset.json";

    /// The file name of the tokenizer in the folder.
    public static final String TOKENIZER_FILE = "tokenizer.json";

    private static final String LOCK_SUFFIX = ".lock";

    private final Path folder;
    private final DatasetDescription description;
    private final TokenShards train;
    private final TokenShards validation;

    private TokenDataset(Path folder) {
        this.folder = folder;
        description = DatasetDescription.read(folder.resolve(DESCRIPTION_FILE));
        train = openSplit("train", description.train());
        validation = openSplit("validation", description.validation());
    }

    /// Encodes a corpus and writes the dataset, replacing an older dataset in the folder.
    ///
    /// Held-out documents are whole documents, chosen by seed and text so that they have about the requested share
    /// of all tokens; at least one is held out and at least one kept for training. If the corpus has a single
    /// document, the end of that document is held out, and `dataset.json` records this.
    ///
    /// @param corpus the text
    /// @param tokenizer the tokenizer that encodes the corpus
    /// @param outDir the dataset's folder
    /// @param options the share and seed of the held-out documents, and the size of the shards
    /// @return the dataset, opened
    /// @throws InputException if the corpus is empty or cannot be read, or the folder contains other files
    /// @throws IOException if writing fails; existing data is then unchanged
    public static TokenDataset prepare(Corpus corpus, Tokenizer tokenizer, Path outDir, PrepareOptions options)
            throws IOException {
        return prepare(outDir, folder -> new DatasetWriter(tokenizer, options, folder).write(corpus));
    }

    /// Encodes a cleaned corpus and writes the dataset, replacing an older dataset in the folder;
    /// {@value Lineage#FILE} records the sources and filters.
    ///
    /// @param corpus the text
    /// @param tokenizer the tokenizer that encodes the corpus
    /// @param outDir the dataset's folder
    /// @param options the share and seed of the held-out documents, and the size of the shards
    /// @return the dataset, opened
    /// @throws InputException if the cleaned corpus is empty or cannot be read, or the folder contains other files
    /// @throws IOException if writing fails; existing data is then unchanged
    public static TokenDataset prepare(CleanedCorpus corpus, Tokenizer tokenizer, Path outDir, PrepareOptions options)
            throws IOException {
        return prepare(outDir, folder -> {
            new DatasetWriter(tokenizer, options, folder).write(corpus.corpus());
            Files.write(folder.resolve(Lineage.FILE), corpus.lineage().toJson());
        });
    }

    private static TokenDataset prepare(Path outDir, AtomicFiles.DirectoryContent content) throws IOException {
        Path target = outDir.toAbsolutePath().normalize();
        Path lockFolder = target.resolveSibling(target.getFileName() + LOCK_SUFFIX);
        try (DirectoryLock _ = DirectoryLock.acquire(lockFolder)) {
            AtomicFiles.recoverDirectory(target);
            refuseOtherContent(target);
            AtomicFiles.writeDirectory(target, content);
        } finally {
            removeIfFree(lockFolder);
        }
        return open(outDir);
    }

    /// Removes the lock's folder, unless another call holds the lock.
    private static void removeIfFree(Path lockFolder) throws IOException {
        try (DirectoryLock _ = DirectoryLock.acquire(lockFolder)) {
            AtomicFiles.deleteRecursively(lockFolder);
        } catch (InputException held) {
            // The call that holds the lock removes the folder at its end.
        }
    }

    private static void refuseOtherContent(Path target) throws IOException {
        if (!Files.exists(target) || Files.exists(target.resolve(DESCRIPTION_FILE))) {
            return;
        }
        InputException.require(Files.isDirectory(target), target + ":", "a folder", "a file");
        try (Stream<Path> content = Files.list(target)) {
            InputException.require(
                    content.findAny().isEmpty(),
                    target + ": must be a new or empty folder or an older dataset, got a folder with other files");
        }
    }

    /// Opens a dataset and checks all shards completely.
    ///
    /// @param given the dataset's folder, possibly in object storage
    /// @return the dataset
    /// @throws InputException if a file is missing, damaged, of another version, or inconsistent with the others
    public static TokenDataset open(Path given) {
        Path dir = Storage.local(given);
        if (!Files.isDirectory(dir)) {
            throw new InputException(
                    dir + ": " + (Files.exists(dir) ? "must be a folder, got a file" : "no such folder")
                            + "; `saiki data prepare` creates one");
        }
        if (!Files.exists(dir.resolve(DESCRIPTION_FILE))) {
            throw new InputException(
                    dir + ": not a dataset: there is no " + DESCRIPTION_FILE + "; `saiki data prepare` creates one");
        }
        return new TokenDataset(dir);
    }

    private TokenShards openSplit(String name, DatasetDescription.Split split) {
        List<TokenShard> shards = split.shards().stream()
                .map(file -> TokenShard.open(folder.resolve(file)))
                .toList();
        for (TokenShard shard : shards) {
            if (shard.vocabSize() != description.vocabSize()
                    || shard.endOfTextId() != shards.getFirst().endOfTextId()) {
                throw new InputException(folder + ": the " + name + " shards do not have the vocabulary that "
                        + DESCRIPTION_FILE + " describes");
            }
        }
        TokenShards opened = new TokenShards(folder + ", " + name, shards);
        if (opened.tokens() != split.tokens()
                || opened.documents() != split.documents()
                || opened.textBytes() != split.textBytes()) {
            throw new InputException(folder + ": the " + name + " shards hold " + opened.tokens() + " tokens in "
                    + opened.documents() + " documents, but " + DESCRIPTION_FILE + " says " + split.tokens() + " in "
                    + split.documents());
        }
        return opened;
    }

    /// Returns the training documents.
    ///
    /// @return the training split
    public TokenShards train() {
        return train;
    }

    /// Returns the held-out documents.
    ///
    /// @return the validation split
    public TokenShards validation() {
        return validation;
    }

    /// Identifies the encoded data: two datasets with the same hash have the same documents in the same
    /// splits and in the same order.
    ///
    /// @return a SHA-256 of all shards, 64 hexadecimal digits
    public String dataHash() {
        return description.dataHash();
    }

    /// Identifies the tokenizer by its {@link Tokenizer#hash}.
    ///
    /// @return a SHA-256, 64 hexadecimal digits
    public String tokenizerHash() {
        return description.tokenizerHash();
    }

    /// The number of ids of the tokenizer.
    ///
    /// @return the vocabulary size
    public int vocabSize() {
        return description.vocabSize();
    }

    /// Whether the held-out text is the end of the only document rather than whole documents.
    ///
    /// @return false for every corpus of two or more documents
    public boolean isTailHeldOut() {
        return description.heldOut() == DatasetDescription.HeldOutKind.TAIL_OF_SINGLE_DOCUMENT;
    }

    /// The dataset's copy of its tokenizer.
    ///
    /// @return the file
    public Path tokenizerFile() {
        return folder.resolve(TOKENIZER_FILE);
    }

    /// Loads the dataset's tokenizer.
    ///
    /// @return the tokenizer
    /// @throws InputException if the file is missing or damaged, or another tokenizer encoded the data
    public Tokenizer tokenizer() {
        Tokenizer tokenizer = Tokenizer.load(tokenizerFile());
        requireTokenizer(tokenizer, tokenizerFile().toString());
        return tokenizer;
    }

    /// Checks that a tokenizer is the one that encoded the data.
    ///
    /// @param tokenizer the tokenizer
    /// @param where the name of the tokenizer in the message
    /// @throws InputException if the tokenizer is another one
    public void requireTokenizer(Tokenizer tokenizer, String where) {
        if (!tokenizer.hash().equals(tokenizerHash())) {
            throw new InputException(where + ": the tokenizer must be the one that encoded " + folder + " (SHA-256 "
                    + tokenizerHash() + ", " + vocabSize() + " tokens), got another (" + tokenizer.hash() + ", "
                    + tokenizer.vocabSize()
                    + " tokens); prepare the data with this tokenizer, or use the tokenizer of the data");
        }
    }

    /// Checks that a model's vocabulary covers every id.
    ///
    /// @param modelVocabSize the model's `vocab_size`
    /// @param where the name of the model in the message
    /// @throws InputException if the vocabulary is smaller than the dataset's
    public void requireVocabSize(int modelVocabSize, String where) {
        InputException.require(
                modelVocabSize >= vocabSize(),
                where,
                "vocab_size",
                "at least " + vocabSize() + ", the vocabulary size of the data in " + folder,
                modelVocabSize);
    }
}
