package dev.saiki.engine;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.engine.cache.CacheShape;
import dev.saiki.engine.cache.PageLayout;
import dev.saiki.engine.cache.PagePool;
import dev.saiki.engine.kernel.VectorModule;
import dev.saiki.engine.kernel.WeightMatrices;
import dev.saiki.engine.model.EngineWeights;
import dev.saiki.engine.settings.CacheFormat;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.InputWatcher;
import dev.saiki.engine.settings.Kernels;
import dev.saiki.engine.settings.WeightFormat;
import dev.saiki.io.InputException;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The steps of an engine's construction: loading the weights, allocating the memory for keys and values, and
/// checking the tokenizer.
final class EngineParts {

    /// The number of tokens in a page of the key-value store with the most layers, which is usually the
    /// recursion's store. Small pages waste little memory at the end of each store; larger pages let attention
    /// read longer contiguous runs.
    private static final int PAGE_TOKENS = 16;

    private EngineParts() {}

    /// Checks that the model's vocabulary includes every id of a tokenizer.
    static void requireFits(CheckpointDirectory checkpoint, Tokenizer tokenizer) {
        InputException.require(
                tokenizer.vocabSize() <= checkpoint.config().vocabSize(),
                checkpoint.path().toString(),
                "the tokenizer's vocabulary",
                "at most the model's " + checkpoint.config().vocabSize() + " tokens",
                tokenizer.vocabSize());
    }

    /// The ids of the tokens that end a text, as given by the tokenizer and by the checkpoint; none without a
    /// tokenizer.
    static Set<Integer> endsOfText(CheckpointDirectory checkpoint, Optional<Tokenizer> tokenizer) {
        return tokenizer.stream()
                .flatMap(known -> Stream.concat(Stream.of(known.endOfTextId()), checkpoint.endTokenIds().stream()))
                .filter(id -> id >= 0 && id < checkpoint.config().vocabSize())
                .collect(Collectors.toUnmodifiableSet());
    }

    static EngineWeights weights(CheckpointDirectory checkpoint, EngineOptions options) {
        return weights(checkpoint, options, InputWatcher.NONE);
    }

    static EngineWeights weights(CheckpointDirectory checkpoint, EngineOptions options, InputWatcher watcher) {
        VectorModule.require();
        return EngineWeights.read(checkpoint, options.weightsOf(checkpoint), watcher);
    }

    private static CacheFormat cacheFormat(EngineOptions options, WeightFormat weights) {
        boolean inC = WeightMatrices.kernels(weights) == Kernels.C;
        if (!inC && options.cacheFormat().equals(Optional.of(CacheFormat.INT8))) {
            throw new InputException("keys and values in int8 need the kernels in C, which this machine lacks (saiki"
                    + " doctor); choose float32 or bfloat16");
        }
        return options.cacheFormat().orElseGet(() -> CacheFormat.beside(weights, inC));
    }

    static PagePool pool(EngineWeights weights, CacheShape shape, EngineOptions options) {
        ModelConfig config = weights.config();
        PageLayout layout = new PageLayout(
                shape.maxLayers(),
                PAGE_TOKENS,
                config.numKeyValueHeads(),
                config.headDim(),
                cacheFormat(options, weights.format()));
        long pages = options.cacheBytes() / layout.pageBytes();
        if (pages < 1) {
            throw new InputException("cache_bytes must be at least one page of " + layout.pageBytes() + " bytes, got "
                    + options.cacheBytes());
        }
        return new PagePool(layout, (int) Math.min(pages, Integer.MAX_VALUE));
    }
}
