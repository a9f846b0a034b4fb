package dev.saiki.spark;

import dev.saiki.text.cleaning.CleaningOptions;
import dev.saiki.text.cleaning.SourceCleaner;
import dev.saiki.text.dataset.EncodedDocument;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.hadoop.conf.Configuration;
import org.jspecify.annotations.Nullable;

/// The encoded documents of several sources, each source followed by its summary.
final class EncodingIterator implements Iterator<EncodedItem> {

    private final Iterator<SourceWork> works;
    private final CleaningOptions options;
    private final Tokenizer tokenizer;
    private final Configuration settings;
    private @Nullable OpenSource open;
    private @Nullable EncodedItem ready;

    EncodingIterator(Iterator<SourceWork> works, CleaningOptions options, Tokenizer tokenizer, Configuration settings) {
        this.works = works;
        this.options = options;
        this.tokenizer = tokenizer;
        this.settings = settings;
    }

    /// The source being read.
    private static final class OpenSource {
        private final int number;
        private final SourceReader reader;
        private final SourceCleaner cleaner;
        private int kept;

        OpenSource(SourceWork work, CleaningOptions options, Configuration settings) {
            number = work.file().number();
            reader = new SourceReader(work.file(), settings);
            cleaner = new SourceCleaner(options, work.copies(), work.nearDuplicates());
        }
    }

    @Override
    public boolean hasNext() {
        while (ready == null) {
            if (open != null) {
                ready = next(open);
                if (ready instanceof EncodedItem.Summary) {
                    open = null;
                }
            } else if (works.hasNext()) {
                open = new OpenSource(works.next(), options, settings);
            } else {
                return false;
            }
        }
        return true;
    }

    private EncodedItem next(OpenSource source) {
        while (source.reader.hasNext()) {
            String text = source.reader.next();
            if (source.cleaner.keeps(text)) {
                EncodedDocument encoded = EncodedDocument.of(tokenizer, text);
                return new EncodedItem.Encoded(
                        source.number,
                        source.kept++,
                        encoded.ids(),
                        encoded.numTokens(),
                        encoded.numTextBytes(),
                        encoded.hash());
            }
        }
        String sha256 = source.reader.sha256();
        source.reader.close();
        return new EncodedItem.Summary(source.number, source.cleaner.counts(), sha256);
    }

    @Override
    public EncodedItem next() {
        if (!hasNext() || ready == null) {
            throw new NoSuchElementException("no document is left");
        }
        EncodedItem item = ready;
        ready = null;
        return item;
    }
}
