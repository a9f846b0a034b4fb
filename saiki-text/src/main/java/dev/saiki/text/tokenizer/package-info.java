/// A BPE {@link dev.saiki.text.tokenizer.Tokenizer} in the format of Hugging Face's `tokenizer.json`, and the
/// {@link dev.saiki.text.tokenizer.BytePairTrainer} that trains a byte-level one on a corpus.
///
/// Decoding restores a text byte for byte unless the tokenizer normalises it. The ids equal those of Hugging
/// Face's library.
package dev.saiki.text.tokenizer;
