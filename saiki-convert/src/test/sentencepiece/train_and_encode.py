"""Trains a model with byte fallback, and encodes texts with it (python3-sentencepiece 0.2.0 of Debian).

    /usr/bin/python3 train_and_encode.py CORPUS TEXTS MODEL IDS TYPE RULE

CORPUS is a text file, TEXTS a JSON array of strings; MODEL gets the model, IDS for each text the number of its ids
and the ids, each an int32, little-endian. TYPE is bpe or unigram, RULE the name of a normalization; every rule but
identity also removes extra spaces.
"""

import array
import json
import sys

import sentencepiece


def main() -> None:
    corpus, texts, model, ids, kind, rule = sys.argv[1:]
    sentencepiece.SentencePieceTrainer.train(
        input=corpus,
        model_prefix=model.removesuffix(".model"),
        model_type=kind,
        vocab_size=6000,
        character_coverage=0.9995,
        byte_fallback=True,
        split_digits=True,
        normalization_rule_name=rule,
        remove_extra_whitespaces=rule != "identity",
        allow_whitespace_only_pieces=True,
        max_sentence_length=100000,
        minloglevel=2,
    )
    processor = sentencepiece.SentencePieceProcessor(model_file=model)
    encoded = array.array("i")
    with open(texts, encoding="utf-8") as file:
        for text in json.load(file):
            found = processor.encode(text)
            encoded.append(len(found))
            encoded.extend(found)
    with open(ids, "wb") as file:
        encoded.tofile(file)


main()
