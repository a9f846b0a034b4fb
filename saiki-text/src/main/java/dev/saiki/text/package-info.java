/// From text to token ids and on to training rows, in four steps:
///
/// 1. {@link dev.saiki.text.Corpus} reads {@link dev.saiki.text.Document}s from files, folders and globs, one at a
///    time, or from the built-in public-domain texts.
/// 2. {@link dev.saiki.text.BytePairTrainer} learns a byte-level BPE {@link dev.saiki.text.Tokenizer}, which is
///    kept in Hugging Face's `tokenizer.json`.
/// 3. {@link dev.saiki.text.TokenDataset} encodes the corpus into memory-mapped shards and holds out whole
///    documents.
/// 4. {@link dev.saiki.text.BatchLoader} gives shuffled rows of {@link dev.saiki.text.TokenShards}, from any
///    {@link dev.saiki.text.LoaderPosition}.
///
/// Everything here is exact and repeatable: text comes back byte for byte, ids are those of Hugging Face's
/// library, and the same input gives the same files whatever the number of threads.
package dev.saiki.text;
