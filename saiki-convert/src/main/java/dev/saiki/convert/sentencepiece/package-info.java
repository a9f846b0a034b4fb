/// SentencePiece vocabularies (BPE with scores), converted to a `tokenizer.json`.
package dev.saiki.convert.sentencepiece;
