package dev.saiki.spark;

import java.io.Serializable;

/// A file of a corpus, on any file system that the cluster reads, or a part of it.
///
/// @param number the part's number in the order of the corpus, from 0
/// @param uri the file's location, such as `hdfs://names/text/a.jsonl` or `file:/text/a.jsonl`; not escaped
/// @param name the name of the file in the lineage
/// @param textField the field (JSONL) or column (Parquet) that holds the text
/// @param from the part consists of the lines that begin at this byte of the file or later
/// @param to the part ends before the first line that begins at this byte or later; {@link #WHOLE} for a whole file
record InputPart(int number, String uri, String name, String textField, long from, long to) implements Serializable {

    /// The end of a file that is not divided.
    static final long WHOLE = Long.MAX_VALUE;

    /// Whether the part is a whole file.
    boolean isWhole() {
        return to == WHOLE;
    }
}
