package dev.saiki.spark;

import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.TaskContext;
import org.apache.spark.util.TaskCompletionListener;

/// The texts of a source on an executor, in order. The reader is closed at the end of the source or of the task.
final class SourceReader implements Iterator<String>, AutoCloseable {

    private final LocalCopy copy;
    private final Stream<Document> documents;
    private final Iterator<Document> iterator;
    private boolean closed;

    SourceReader(InputPart source, Configuration settings) {
        copy = LocalCopy.of(source, settings);
        documents = Corpus.of(List.of(copy.file()), source.textField())
                .sources()
                .getFirst()
                .documents();
        iterator = documents.iterator();
        TaskContext task = TaskContext.get();
        if (task != null) {
            TaskCompletionListener closing = _ -> close();
            task.addTaskCompletionListener(closing);
        }
    }

    @Override
    public boolean hasNext() {
        return !closed && iterator.hasNext();
    }

    @Override
    public String next() {
        if (closed) {
            throw new NoSuchElementException("the source is closed");
        }
        return iterator.next().text();
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            documents.close();
            try {
                copy.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
