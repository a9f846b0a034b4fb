package dev.saiki.text.corpus;

import dev.saiki.text.files.TextInput;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import org.jspecify.annotations.Nullable;

/// A reader of a plain text file as one document or, if the file is long, as several documents.
final class PlainTextReader implements DocumentSource.Cursor {

    /// The maximum number of characters in a part.
    static final int MAX_PART = 1 << 22;

    private static final int BUFFER_BYTES = 1 << 16;
    private static final char BYTE_ORDER_MARK = '\uFEFF';

    private final String name;
    private final InputStream input;
    private final StrictUtf8Decoder decoder;
    private final ByteBuffer bytes = ByteBuffer.allocate(BUFFER_BYTES).flip();
    private CharBuffer text = CharBuffer.allocate(BUFFER_BYTES);
    private long consumed;
    private int parts;
    private boolean ended;

    /// Wraps an open file, which this reader closes.
    ///
    /// @param name the name of the file in messages
    /// @param input the decompressed bytes of the file
    PlainTextReader(String name, InputStream input) {
        this.name = name;
        this.input = input;
        decoder = new StrictUtf8Decoder(name);
    }

    @Override
    public @Nullable Document next() {
        fill();
        if (text.position() == 0) {
            return null;
        }
        int cut = ended && text.position() <= MAX_PART ? text.position() : cut();
        text.flip();
        int skip = parts == 0 && text.get(0) == BYTE_ORDER_MARK ? 1 : 0;
        String part = text.subSequence(skip, cut).toString();
        text.position(cut);
        text.compact();
        parts++;
        boolean whole = parts == 1 && text.position() == 0;
        return new Document(whole ? name : name + " (part " + parts + ")", part);
    }

    /// Reads until the buffer contains slightly more than one part, which shows whether the file continues, or
    /// until the end of the file.
    private void fill() {
        while (!ended && text.position() <= MAX_PART) {
            if (text.remaining() < BUFFER_BYTES) {
                text = CharBuffer.allocate(text.capacity() * 2).put(text.flip());
            }
            bytes.compact();
            ended = readInto() < 0;
            int start = bytes.flip().position();
            decoder.decode(bytes, text, consumed, ended);
            consumed += bytes.position() - start;
        }
    }

    private int readInto() {
        try {
            int count = input.read(bytes.array(), bytes.position(), bytes.remaining());
            if (count > 0) {
                bytes.position(bytes.position() + count);
            }
            return count;
        } catch (IOException e) {
            throw TextInput.unreadable(name, e);
        }
    }

    /// A position in the second half of a maximum-length part: the end of the last paragraph that ends there, or
    /// else of the last line, or else of the last whole character.
    private int cut() {
        char[] characters = text.array();
        int line = 0;
        for (int at = MAX_PART; at > MAX_PART / 2; at--) {
            if (characters[at - 1] == '\n') {
                if (characters[at - 2] == '\n') {
                    return at;
                }
                line = Math.max(line, at);
            }
        }
        if (line > 0) {
            return line;
        }
        return Character.isHighSurrogate(characters[MAX_PART - 1]) ? MAX_PART - 1 : MAX_PART;
    }

    @Override
    public void close() {
        TextInput.close(input, name);
    }
}
