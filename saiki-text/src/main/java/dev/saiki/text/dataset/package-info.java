/// Datasets of token ids, and the training rows read from them.
///
/// 1. A {@link dev.saiki.text.dataset.TokenDataset} encodes a corpus into memory-mapped shards and holds out whole
///    documents.
/// 2. A {@link dev.saiki.text.dataset.BatchLoader} returns shuffled rows of
/// {@link dev.saiki.text.dataset.TokenShards}, from any {@link dev.saiki.text.dataset.LoaderPosition}.
///
/// The same corpus gives the same files for any number of threads.
package dev.saiki.text.dataset;
