/// A byte-level BPE {@link dev.saiki.text.tokenizer.Tokenizer} in the format of Hugging Face's `tokenizer.json`, and
/// the {@link dev.saiki.text.tokenizer.BytePairTrainer} that trains one on a corpus.
///
/// Decoding restores a text byte for byte, and the ids equal those of Hugging Face's library.
package dev.saiki.text.tokenizer;
