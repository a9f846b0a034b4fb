/// SentencePiece vocabularies (BPE with scores) as a `tokenizer.json`.
package dev.saiki.convert.sentencepiece;
