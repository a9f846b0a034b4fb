package dev.saiki.text.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/// The tokens of a text before merging, in a SentencePiece-style tokenizer: characters, bytes, the unknown token.
///
/// A token is spelled as its text with `▁` in place of each space, and the token of the byte 10 as `<0x0A>`.
final class PieceAlphabet {

    /// The character that replaces a space in a spelling.
    static final char SPACE = '\u2581';

    private final Map<Integer, Integer> idOfCharacter = new HashMap<>();
    private final int[] idOfByte = new int[ByteAlphabet.SIZE];

    /// @param vocabulary spelling to id
    /// @param hasBytes whether a character without a token is represented by its bytes
    PieceAlphabet(Map<String, Integer> vocabulary, boolean hasBytes) {
        Arrays.fill(idOfByte, UnknownToken.ABSENT);
        vocabulary.forEach((spelling, id) -> {
            if (spelling.codePointCount(0, spelling.length()) == 1) {
                idOfCharacter.put(spelling.codePointAt(0), id);
            } else if (hasBytes && isByte(spelling)) {
                idOfByte[Integer.parseInt(spelling, 3, 5, 16)] = id;
            }
        });
    }

    /// Whether every byte has a token, so that no text is unknown.
    boolean hasAllBytes() {
        return Arrays.stream(idOfByte).allMatch(id -> id >= 0);
    }

    int idOf(int character) {
        return idOfCharacter.getOrDefault(character, UnknownToken.ABSENT);
    }

    /// Appends the tokens of a character's bytes, or {@link UnknownToken#ABSENT} if any of them is missing.
    void addBytes(Utf8 character, IntSequence pieces) {
        int[] ids = new int[character.length()];
        Arrays.setAll(ids, i -> idOfByte[Byte.toUnsignedInt(character.bytes()[i])]);
        boolean complete = Arrays.stream(ids).allMatch(id -> id >= 0);
        Arrays.stream(complete ? ids : new int[] {UnknownToken.ABSENT}).forEach(pieces::add);
    }

    static boolean isByte(String spelling) {
        return spelling.length() == 6
                && spelling.startsWith("<0x")
                && spelling.charAt(5) == '>'
                && isHexadecimal(spelling.charAt(3))
                && isHexadecimal(spelling.charAt(4));
    }

    /// Upper-case digits only, as in SentencePiece.
    private static boolean isHexadecimal(char c) {
        return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'F');
    }

    /// The bytes of a token.
    ///
    /// @param spelling the spelling of the token
    /// @param hasBytes whether there are byte tokens
    static byte[] bytes(String spelling, boolean hasBytes) {
        return hasBytes && isByte(spelling)
                ? new byte[] {(byte) Integer.parseInt(spelling, 3, 5, 16)}
                : spelling.replace(SPACE, ' ').getBytes(StandardCharsets.UTF_8);
    }
}
