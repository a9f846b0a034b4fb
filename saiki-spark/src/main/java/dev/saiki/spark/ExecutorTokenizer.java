package dev.saiki.spark;

import dev.saiki.io.Sha256;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.concurrent.ConcurrentHashMap;

/// An executor's tokenizers, each parsed once and shared by all tasks.
final class ExecutorTokenizer {

    private static final ConcurrentHashMap<String, Tokenizer> PARSED = new ConcurrentHashMap<>();

    private ExecutorTokenizer() {}

    static Tokenizer of(byte[] json) {
        return PARSED.computeIfAbsent(Sha256.hex(json), hash -> Tokenizer.parse(json, "tokenizer " + hash));
    }
}
