package dev.saiki.text.dataset;

import dev.saiki.io.InputException;
import dev.saiki.io.Sha256;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// The writer of a {@link TokenDataset}'s folder: it encodes, divides documents between the splits, writes the
/// shards.
final class DatasetWriter {

    private static final String SPOOL_FILE = "spool.tmp";

    private final Tokenizer tokenizer;
    private final PrepareOptions options;
    private final Path folder;

    DatasetWriter(Tokenizer tokenizer, PrepareOptions options, Path folder) {
        this.tokenizer = tokenizer;
        this.options = options;
        this.folder = folder;
    }

    void write(Corpus corpus) throws IOException {
        DatasetDescription description;
        try (TokenSpool spool = new TokenSpool(
                folder.resolve(SPOOL_FILE), ShardFormat.idBytes(tokenizer.vocabSize()), tokenizer.endOfTextId())) {
            try (Stream<Document> documents = corpus.documents();
                    ParallelEncoder encoder = new ParallelEncoder(tokenizer)) {
                encoder.encode(documents.iterator(), spool::add);
            }
            spool.flush();
            description = spool.tokens().size() == 1 ? divideOne(spool, corpus) : divide(spool);
        }
        tokenizer.save(folder.resolve(TokenDataset.TOKENIZER_FILE));
        description.write(folder.resolve(TokenDataset.DESCRIPTION_FILE));
    }

    private DatasetDescription divide(TokenSpool spool) throws IOException {
        BitSet held =
                HeldOutSelection.choose(spool.tokens(), spool.hashes(), options.validationFraction(), options.seed());
        try (SplitWriter train = new SplitWriter("train");
                SplitWriter validation = new SplitWriter("validation")) {
            long start = 0;
            for (int document = 0; document < spool.tokens().size(); document++) {
                SplitWriter split = held.get(document) ? validation : train;
                long count = spool.tokens().get(document);
                ShardWriter shard = split.beginDocument(spool.textBytes().get(document));
                spool.copy(start, count, shard);
                start += count;
            }
            return describe(DatasetDescription.HeldOutKind.WHOLE_DOCUMENTS, train.finish(), validation.finish());
        }
    }

    /// With one document, the best that can be done is to hold out its end.
    private DatasetDescription divideOne(TokenSpool spool, Corpus corpus) throws IOException {
        long tokens = spool.tokens().get(0) - 1;
        if (tokens < 2) {
            throw InputException.of(corpus.name(), "the corpus", "at least two tokens long", tokens);
        }
        long tail = Math.clamp(Math.round(tokens * options.validationFraction()), 1, tokens - 1);
        long tailBytes = 0;
        for (long token = tokens - tail; token < tokens; token++) {
            tailBytes += tokenizer.tokenBytes(spool.id(token)).length;
        }
        try (SplitWriter train = new SplitWriter("train");
                SplitWriter validation = new SplitWriter("validation")) {
            ShardWriter head = train.beginDocument(spool.textBytes().get(0) - tailBytes);
            spool.copy(0, tokens - tail, head);
            spool.copyEndOfText(head);
            spool.copy(tokens - tail, tail + 1, validation.beginDocument(tailBytes));
            return describe(
                    DatasetDescription.HeldOutKind.TAIL_OF_SINGLE_DOCUMENT, train.finish(), validation.finish());
        }
    }

    private DatasetDescription describe(
            DatasetDescription.HeldOutKind kind, DatasetDescription.Split train, DatasetDescription.Split validation)
            throws IOException {
        MessageDigest digest = Sha256.digest();
        byte[] buffer = new byte[1 << 16];
        for (String file : Stream.concat(train.shards().stream(), validation.shards().stream())
                .toList()) {
            try (InputStream input = Files.newInputStream(folder.resolve(file))) {
                for (int count = input.read(buffer); count >= 0; count = input.read(buffer)) {
                    digest.update(buffer, 0, count);
                }
            }
        }
        return new DatasetDescription(
                tokenizer.vocabSize(),
                tokenizer.hash(),
                HexFormat.of().formatHex(digest.digest()),
                options.validationFraction(),
                options.seed(),
                kind,
                train,
                validation);
    }

    /// A writer of the shards of one split.
    private final class SplitWriter implements AutoCloseable {
        private final String name;
        private final List<String> files = new ArrayList<>();
        private final List<ShardWriter> open = new ArrayList<>(1);
        private long tokens;
        private long documents;
        private long textBytes;

        SplitWriter(String name) {
            this.name = name;
        }

        ShardWriter beginDocument(long bytes) throws IOException {
            if (!open.isEmpty() && open.getFirst().tokens() >= options.maxShardTokens()) {
                endShard();
            }
            if (open.isEmpty()) {
                String file = String.format(Locale.ROOT, "%s-%05d.bin", name, files.size());
                files.add(file);
                open.add(new ShardWriter(folder.resolve(file), tokenizer.vocabSize(), tokenizer.endOfTextId()));
            }
            open.getFirst().beginDocument(bytes);
            documents++;
            textBytes += bytes;
            return open.getFirst();
        }

        private void endShard() throws IOException {
            try (ShardWriter shard = open.removeFirst()) {
                shard.finish();
                tokens += shard.tokens();
            }
        }

        DatasetDescription.Split finish() throws IOException {
            endShard();
            return new DatasetDescription.Split(documents, tokens, textBytes, files);
        }

        @Override
        public void close() throws IOException {
            for (ShardWriter shard : open) {
                shard.close();
            }
        }
    }
}
