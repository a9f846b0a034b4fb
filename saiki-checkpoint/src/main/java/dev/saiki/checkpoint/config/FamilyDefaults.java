package dev.saiki.checkpoint.config;

import java.util.OptionalInt;

/// The default values of Hugging Face's class of a family, for keys that `config.json` lacks.
///
/// @param numKeyValueHeads key and value heads; empty for the number of query heads
/// @param headDim width of a head; empty for the hidden size divided by the number of query heads
/// @param maxPositionEmbeddings the context length
/// @param rmsNormEps the number added under the root of a norm
/// @param ropeTheta base of the rotary frequencies
/// @param tieWordEmbeddings whether the head shares the embedding's weights
record FamilyDefaults(
        OptionalInt numKeyValueHeads,
        OptionalInt headDim,
        int maxPositionEmbeddings,
        double rmsNormEps,
        double ropeTheta,
        boolean tieWordEmbeddings) {

    private static final OptionalInt DERIVED = OptionalInt.empty();

    static FamilyDefaults of(ModelFamily family) {
        return switch (family) {
            case LLAMA -> new FamilyDefaults(DERIVED, DERIVED, 2048, 1e-6, 10_000, false);
            case MISTRAL -> new FamilyDefaults(OptionalInt.of(8), DERIVED, 131_072, 1e-6, 10_000, false);
            case MINISTRAL3 ->
                new FamilyDefaults(OptionalInt.of(8), OptionalInt.of(128), 262_144, 1e-5, 1_000_000, false);
            case MIXTRAL -> new FamilyDefaults(OptionalInt.of(8), DERIVED, 131_072, 1e-5, 1_000_000, false);
            case QWEN3_MOE -> new FamilyDefaults(OptionalInt.of(4), DERIVED, 32_768, 1e-6, 10_000, false);
            case OLMOE -> new FamilyDefaults(DERIVED, DERIVED, 4096, 1e-5, 10_000, false);
            case QWEN2 -> new FamilyDefaults(OptionalInt.of(32), DERIVED, 32_768, 1e-6, 10_000, false);
            case QWEN3 -> new FamilyDefaults(OptionalInt.of(32), OptionalInt.of(128), 32_768, 1e-6, 10_000, false);
            case PHI3 -> new FamilyDefaults(DERIVED, DERIVED, 4096, 1e-5, 10_000, false);
            case SMOLLM3 -> new FamilyDefaults(OptionalInt.of(4), DERIVED, 32_768, 1e-6, 2_000_000, true);
            case OLMO2, OLMO3, EXAONE4 -> new FamilyDefaults(DERIVED, DERIVED, 2048, 1e-5, 10_000, false);
            case GRANITE, GRANITEMOE -> new FamilyDefaults(DERIVED, DERIVED, 2048, 1e-6, 10_000, false);
            case SEED_OSS -> new FamilyDefaults(OptionalInt.of(8), OptionalInt.of(128), 524_288, 1e-6, 10_000, false);
            case GLM, GLM4 ->
                new FamilyDefaults(OptionalInt.of(2), OptionalInt.of(128), 131_072, 1.5625e-7, 10_000, false);
            case COHERE2 -> new FamilyDefaults(DERIVED, DERIVED, 8192, 1e-5, 10_000, true);
            case STARCODER2 -> new FamilyDefaults(OptionalInt.of(2), DERIVED, 4096, 1e-5, 10_000, true);
            case GEMMA2 -> new FamilyDefaults(OptionalInt.of(4), OptionalInt.of(256), 8192, 1e-6, 10_000, true);
            case GEMMA3_TEXT ->
                new FamilyDefaults(OptionalInt.of(4), OptionalInt.of(256), 131_072, 1e-6, 1_000_000, true);
        };
    }
}
