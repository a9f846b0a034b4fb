package dev.saiki.text.dataset;

import dev.saiki.io.InputException;
import dev.saiki.io.Sha256;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A writer of a {@link TokenDataset} folder: encodes documents, assigns them to splits and writes the shards.
final class DatasetWriter {

    private static final String SPOOL_FILE = "spool.tmp";

    private final Tokenizer tokenizer;
    private final PrepareOptions options;
    private final Path folder;
    private boolean hasMarks;

    DatasetWriter(Tokenizer tokenizer, PrepareOptions options, Path folder) {
        this.tokenizer = tokenizer;
        this.options = options;
        this.folder = folder;
    }

    void write(Corpus corpus) throws IOException {
        try (TokenSpool spool =
                new TokenSpool(folder.resolve(SPOOL_FILE), tokenizer.vocabSize(), tokenizer.endOfTextId())) {
            try (Stream<Document> documents = corpus.documents();
                    ParallelEncoder encoder = new ParallelEncoder(tokenizer)) {
                encoder.encode(documents.iterator(), spool::add);
            }
            spool.flush();
            hasMarks = spool.hasMarks();
            if (spool.documents().size() == 1) {
                divideOne(spool, corpus);
            } else {
                divide(spool);
            }
        }
        tokenizer.save(folder.resolve(TokenDataset.TOKENIZER_FILE));
    }

    private void divide(TokenSpool spool) throws IOException {
        DocumentTable documents = spool.documents();
        BitSet held = HeldOutSelection.choose(
                documents.tokens(), documents.hashes(), options.validationFraction(), options.seed());
        ShardAssignment shards = new ShardAssignment(options);
        try (ShardSequence train = new ShardSequence("train");
                ShardSequence validation = new ShardSequence("validation")) {
            long start = 0;
            for (int document = 0; document < documents.size(); document++) {
                boolean isHeldOut = held.get(document);
                long tokens = documents.tokens(document);
                int number = shards.assign(isHeldOut, tokens, documents.textBytes(document));
                ShardWriter shard = (isHeldOut ? validation : train).at(number);
                shard.beginDocument(documents.textBytes(document));
                spool.copy(start, tokens, shard);
                start += tokens;
            }
            train.finish();
            validation.finish();
        }
        Files.write(
                folder.resolve(TokenDataset.DESCRIPTION_FILE),
                shards.description(tokenizer, options, hash(shards.files())));
    }

    /// Splits a single document by holding out its end.
    private void divideOne(TokenSpool spool, Corpus corpus) throws IOException {
        long tokens = spool.documents().tokens(0) - 1;
        InputException.require(tokens >= 2, corpus.name(), "the corpus", "at least two tokens long", tokens);
        long tail = Math.clamp(Math.round(tokens * options.validationFraction()), 1, tokens - 1);
        long tailBytes = 0;
        for (long token = tokens - tail; token < tokens; token++) {
            tailBytes += tokenizer.tokenBytes(spool.id(token)).length;
        }
        long headBytes = spool.documents().textBytes(0) - tailBytes;
        String head = ShardAssignment.fileName("train", 0);
        String end = ShardAssignment.fileName("validation", 0);
        try (ShardWriter train = open(head);
                ShardWriter validation = open(end)) {
            train.beginDocument(headBytes);
            spool.copy(0, tokens - tail, train);
            spool.copyEndOfText(train);
            train.finish();
            validation.beginDocument(tailBytes);
            spool.copy(tokens - tail, tail + 1, validation);
            validation.finish();
        }
        new DatasetDescription(
                        tokenizer.vocabSize(),
                        tokenizer.hash(),
                        hash(List.of(head, end)),
                        options.validationFraction(),
                        options.seed(),
                        DatasetDescription.HeldOutKind.TAIL_OF_SINGLE_DOCUMENT,
                        new DatasetDescription.Split(1, tokens - tail + 1, headBytes, List.of(head)),
                        new DatasetDescription.Split(1, tail + 1, tailBytes, List.of(end)))
                .write(folder.resolve(TokenDataset.DESCRIPTION_FILE));
    }

    private ShardWriter open(String file) throws IOException {
        return new ShardWriter(folder.resolve(file), tokenizer.vocabSize(), tokenizer.endOfTextId(), hasMarks);
    }

    private String hash(List<String> files) throws IOException {
        MessageDigest digest = Sha256.digest();
        try (OutputStream output = new DigestOutputStream(OutputStream.nullOutputStream(), digest)) {
            for (String file : files) {
                Files.copy(folder.resolve(file), output);
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    /// The shards of one split, one open at a time.
    private final class ShardSequence implements AutoCloseable {
        private final String split;
        private int number;
        private @Nullable ShardWriter open;

        ShardSequence(String split) {
            this.split = split;
        }

        /// Returns the shard with this number; for a new number, finishes the previous shard and opens a new one.
        ShardWriter at(int shard) throws IOException {
            ShardWriter current = open;
            if (current == null || number != shard) {
                finish();
                current = DatasetWriter.this.open(ShardAssignment.fileName(split, shard));
                open = current;
                number = shard;
            }
            return current;
        }

        void finish() throws IOException {
            try (ShardWriter last = open) {
                open = null;
                if (last != null) {
                    last.finish();
                }
            }
        }

        @Override
        public void close() throws IOException {
            if (open != null) {
                open.close();
            }
        }
    }
}
