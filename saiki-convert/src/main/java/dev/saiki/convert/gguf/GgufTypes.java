package dev.saiki.convert.gguf;

import dev.saiki.checkpoint.safetensors.StoredType;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The codes of number formats in GGUF files.
final class GgufTypes {

    private static final Map<StoredType, Integer> CODES = Map.ofEntries(
            Map.entry(StoredType.F32, 0),
            Map.entry(StoredType.F16, 1),
            Map.entry(StoredType.Q4_0, 2),
            Map.entry(StoredType.Q4_1, 3),
            Map.entry(StoredType.Q5_0, 6),
            Map.entry(StoredType.Q5_1, 7),
            Map.entry(StoredType.Q8_0, 8),
            Map.entry(StoredType.Q4_K, 12),
            Map.entry(StoredType.Q5_K, 13),
            Map.entry(StoredType.Q6_K, 14),
            Map.entry(StoredType.BF16, 30));

    /// llama.cpp's codes for the predominant number format of a file.
    private static final Map<StoredType, Integer> FILE_CODES =
            Map.of(StoredType.F32, 0, StoredType.F16, 1, StoredType.Q4_0, 2, StoredType.Q8_0, 7, StoredType.BF16, 32);

    /// llama.cpp's code for a file whose predominant format is not named.
    private static final int UNNAMED = 1024;

    /// The names of unsupported formats by code, for messages; supported formats have a dot instead.
    private static final String OTHERS = ". . . . Q4_2 Q4_3 . . . Q8_1 Q2_K Q3_K . . . Q8_K IQ2_XXS IQ2_XS IQ3_XXS"
            + " IQ1_S IQ4_NL IQ3_S IQ2_S IQ4_XS I8 I16 I32 I64 F64 IQ1_M . Q4_0_4_4 Q4_0_4_8 Q4_0_8_8 TQ1_0 TQ2_0"
            + " IQ4_NL_4_4 IQ4_NL_4_8 IQ4_NL_8_8 MXFP4";

    private GgufTypes() {}

    /// Returns the code of a tensor's format.
    static int code(StoredType type) {
        return Optional.ofNullable(CODES.get(type)).orElseThrow();
    }

    /// Returns the format in which tensors of a stored format are written by default: the same, but Q8_0 instead of
    /// Q6_0, which GGUF lacks.
    static StoredType inGguf(StoredType type) {
        return type == StoredType.Q6_0 ? StoredType.Q8_0 : type;
    }

    /// Returns the code of a file whose tensors mostly have a format.
    static int fileCode(StoredType type) {
        return FILE_CODES.getOrDefault(type, UNNAMED);
    }

    static Optional<StoredType> ofCode(int code) {
        return CODES.entrySet().stream()
                .filter(entry -> entry.getValue() == code)
                .map(Map.Entry::getKey)
                .findFirst();
    }

    static String describe(int code) {
        List<String> names = List.of(OTHERS.split(" "));
        boolean named = code >= 0 && code < names.size() && !names.get(code).equals(".");
        return named ? names.get(code) : "type " + code;
    }
}
