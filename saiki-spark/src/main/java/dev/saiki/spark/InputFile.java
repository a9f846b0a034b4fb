package dev.saiki.spark;

import java.io.Serializable;

/// A file of a corpus, on any file system that the cluster reads.
///
/// @param number the file's number in the order of the corpus, from 0
/// @param uri the file's location, such as `hdfs://names/text/a.jsonl` or `file:/text/a.jsonl`; not escaped
/// @param name the name of the file in the lineage
/// @param textField the field (JSONL) or column (Parquet) that holds the text
record InputFile(int number, String uri, String name, String textField) implements Serializable {}
