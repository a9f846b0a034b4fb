/// Training text, one {@link dev.saiki.text.corpus.Document} at a time.
///
/// A {@link dev.saiki.text.corpus.Corpus} reads files, folders and globs, or the built-in public-domain texts. A
/// {@link dev.saiki.text.corpus.DataTable} reads the rows of a benchmark.
package dev.saiki.text.corpus;
