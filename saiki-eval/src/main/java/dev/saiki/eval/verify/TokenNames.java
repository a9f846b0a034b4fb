package dev.saiki.eval.verify;

import dev.saiki.text.tokenizer.Tokenizer;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// A lookup from a server's token names to tokens.
///
/// OpenAI's format names a token by its text. If several tokens share a text, that name is ambiguous and ignored.
/// vLLM can return names of the form `token_id:17`.
final class TokenNames {

    private static final String BY_ID = "token_id:";

    private final int vocabulary;
    private final Map<String, Integer> ids = new HashMap<>();

    /// Indexes the names of all tokens.
    ///
    /// @param tokenizer the model's tokenizer
    /// @param vocabulary number of the model's token ids
    TokenNames(Tokenizer tokenizer, int vocabulary) {
        this.vocabulary = vocabulary;
        Set<String> shared = new HashSet<>();
        for (int id = 0; id < tokenizer.vocabSize(); id++) {
            try {
                String text = StandardCharsets.UTF_8
                        .newDecoder()
                        .decode(ByteBuffer.wrap(tokenizer.tokenBytes(id)))
                        .toString();
                if (ids.put(text, id) != null) {
                    shared.add(text);
                }
            } catch (CharacterCodingException _) {
                // A token within a character has no text of its own.
            }
        }
        ids.keySet().removeAll(shared);
    }

    /// Finds a token.
    ///
    /// @param name name in a server's response
    /// @return the token's id; empty if the name is unknown or ambiguous
    OptionalInt idOf(String name) {
        if (name.startsWith(BY_ID)) {
            String digits = name.substring(BY_ID.length());
            int id = digits.matches("[0-9]{1,9}") ? Integer.parseInt(digits) : -1;
            return id >= 0 && id < vocabulary ? OptionalInt.of(id) : OptionalInt.empty();
        }
        @Nullable Integer id = ids.get(name);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }
}
