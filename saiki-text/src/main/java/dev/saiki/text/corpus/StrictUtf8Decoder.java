package dev.saiki.text.corpus;

import dev.saiki.io.InputException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/// A UTF-8 decoder that rejects malformed input and reports its position.
///
/// A lenient decoder would silently put replacement characters into the training data if the text has another
/// encoding; therefore a single invalid byte is an error.
final class StrictUtf8Decoder {

    private final String where;
    private final CharsetDecoder decoder = StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);

    StrictUtf8Decoder(String where) {
        this.where = where;
    }

    /// Decodes all complete characters; an incomplete character at the end stays in the input, unless this
    /// part of the input is the last.
    ///
    /// @param offset the file offset of `input`'s position, for the message
    void decode(ByteBuffer input, CharBuffer output, long offset, boolean last) {
        int start = input.position();
        CoderResult result = decoder.decode(input, output, last);
        if (result.isError()) {
            long place = offset + input.position() - start;
            throw new InputException(where + ": must be UTF-8 text, got the byte 0x"
                    + String.format("%02X", input.get(input.position())) + " at byte " + place
                    + "; convert the file to UTF-8");
        }
    }

    /// Decodes a whole line or record.
    String decode(byte[] bytes, int from, int to, long offset) {
        decoder.reset();
        CharBuffer output = CharBuffer.allocate(to - from);
        decode(ByteBuffer.wrap(bytes, from, to - from), output, offset, true);
        return output.flip().toString();
    }
}
