package dev.saiki.spark;

import dev.saiki.io.InputException;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.CorpusSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.FileSystem;
import org.apache.hadoop.fs.LocatedFileStatus;
import org.apache.hadoop.fs.RemoteIterator;

/// The files of a corpus, in the order in which a single machine reads them.
///
/// {@link Corpus} lists local files. On other file systems a path is a file, a Hadoop glob, or a folder, which is
/// searched by the same rules.
final class SourceFiles {

    /// The scheme of local files, which are read without a copy.
    static final String LOCAL = "file";

    private SourceFiles() {}

    /// Finds the files, and divides long ones whose lines are documents.
    ///
    /// @throws InputException if a path matches nothing
    /// @throws IOException if a file system does not answer
    static List<InputPart> find(CorpusInput input, Configuration settings) throws IOException {
        SequencedMap<String, String> found = new LinkedHashMap<>();
        for (String path : input.paths()) {
            org.apache.hadoop.fs.Path where = new org.apache.hadoop.fs.Path(path);
            FileSystem files = where.getFileSystem(settings);
            if (LOCAL.equals(files.getUri().getScheme())) {
                findLocal(Path.of(where.toUri().getPath()), input.textField(), found);
            } else {
                findRemote(files, where, found);
            }
        }
        List<InputPart> parts = new ArrayList<>();
        for (Map.Entry<String, String> file : found.sequencedEntrySet()) {
            org.apache.hadoop.fs.Path where = new org.apache.hadoop.fs.Path(file.getKey());
            long length = where.getFileSystem(settings).getFileStatus(where).getLen();
            boolean divided = length > input.partBytes() && Corpus.isDivisible(file.getKey());
            for (long from = 0; from == 0 || (divided && from < length); from += input.partBytes()) {
                long to = divided ? from + input.partBytes() : InputPart.WHOLE;
                parts.add(new InputPart(parts.size(), file.getKey(), file.getValue(), input.textField(), from, to));
            }
        }
        return parts;
    }

    private static void findLocal(Path path, String textField, SequencedMap<String, String> found) {
        for (CorpusSource source : Corpus.of(List.of(path), textField).sources()) {
            source.file().ifPresent(file -> found.putIfAbsent(LOCAL + ":" + file.toAbsolutePath(), source.name()));
        }
    }

    private static void findRemote(FileSystem files, org.apache.hadoop.fs.Path path, SequencedMap<String, String> found)
            throws IOException {
        FileStatus[] meant = files.globStatus(path);
        if (meant == null || meant.length == 0) {
            throw new InputException(path + ": no such file or folder");
        }
        int before = found.size();
        for (FileStatus one : Arrays.stream(meant)
                .sorted(Comparator.comparing(FileStatus::getPath))
                .toList()) {
            if (one.isFile()) {
                found.putIfAbsent(one.getPath().toString(), one.getPath().getName());
            } else {
                walk(files, one.getPath(), found);
            }
        }
        if (found.size() == before) {
            throw new InputException(
                    path + ": no text found (supported: .txt, .md, .jsonl, .parquet and compressed forms)");
        }
    }

    private static void walk(FileSystem files, org.apache.hadoop.fs.Path folder, SequencedMap<String, String> found)
            throws IOException {
        List<String> inside = new ArrayList<>();
        String start = folder + "/";
        RemoteIterator<LocatedFileStatus> all = files.listFiles(folder, true);
        while (all.hasNext()) {
            String uri = all.next().getPath().toString();
            String name = uri.substring(start.length());
            if (Corpus.reads(name) && Arrays.stream(name.split("/")).noneMatch(part -> part.startsWith("."))) {
                inside.add(uri);
            }
        }
        inside.stream().sorted().forEach(uri -> found.putIfAbsent(uri, uri.substring(start.length())));
    }
}
