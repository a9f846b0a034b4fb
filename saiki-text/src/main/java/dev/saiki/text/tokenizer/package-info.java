/// A byte-level BPE {@link dev.saiki.text.tokenizer.Tokenizer}, kept in Hugging Face's `tokenizer.json`, and the
/// {@link dev.saiki.text.tokenizer.BytePairTrainer} that learns one from a corpus.
///
/// Text comes back byte for byte, and ids are those of Hugging Face's library.
package dev.saiki.text.tokenizer;
