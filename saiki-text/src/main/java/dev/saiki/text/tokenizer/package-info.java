/// A byte-level BPE {@link dev.saiki.text.tokenizer.Tokenizer} in the format of Hugging Face's `tokenizer.json`, and
/// the {@link dev.saiki.text.tokenizer.BytePairTrainer} that trains one on a corpus.
///
/// Text comes back byte for byte, and ids are those of Hugging Face's library.
package dev.saiki.text.tokenizer;
