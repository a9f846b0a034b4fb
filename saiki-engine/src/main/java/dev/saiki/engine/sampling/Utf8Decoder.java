package dev.saiki.engine.sampling;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/// A decoder that turns bytes arriving in pieces into whole code points.
///
/// Bytes that can still become a code point are held back until the rest arrives; bytes that cannot are replaced
/// by U+FFFD at once.
public final class Utf8Decoder {

    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPLACE)
            .onUnmappableCharacter(CodingErrorAction.REPLACE);
    private ByteBuffer waiting = ByteBuffer.allocate(0);

    /// Makes a decoder at the beginning of a text.
    public Utf8Decoder() {}

    /// Decodes the next bytes.
    ///
    /// @param bytes the bytes; may be empty
    /// @return the code points that the bytes complete; empty if there are none
    public String take(byte[] bytes) {
        ByteBuffer input = ByteBuffer.allocate(waiting.remaining() + bytes.length);
        input.put(waiting).put(bytes).flip();
        CharBuffer output = CharBuffer.allocate(input.remaining() + 1);
        decoder.decode(input, output, false);
        waiting = input.slice();
        return output.flip().toString();
    }
}
