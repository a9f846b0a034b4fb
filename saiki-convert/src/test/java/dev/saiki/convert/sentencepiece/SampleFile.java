package dev.saiki.convert.sentencepiece;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/// A small `tokenizer.model`, written field by field.
public final class SampleFile {

    private SampleFile() {}

    private static byte[] field(int number, byte[] content) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        output.write(number << 3 | 2);
        output.write(content.length);
        output.writeBytes(content);
        return output.toByteArray();
    }

    private static byte[] number(int number, int value) {
        return new byte[] {(byte) (number << 3), (byte) value};
    }

    private static byte[] join(byte[]... parts) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        Arrays.stream(parts).forEach(output::writeBytes);
        return output.toByteArray();
    }

    private static byte[] piece(String text, float score, int kind) {
        byte[] bits = ByteBuffer.allocate(5)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put((byte) (2 << 3 | 5))
                .putFloat(score)
                .array();
        return field(1, join(field(1, text.getBytes(StandardCharsets.UTF_8)), bits, number(3, kind)));
    }

    /// Writes a file.
    ///
    /// @param kind the model type; 2 for BPE
    /// @param removesSpaces whether the normalizer removes extra spaces
    /// @return the file's bytes
    public static byte[] of(int kind, boolean removesSpaces) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        output.writeBytes(piece("<unk>", 0, 2));
        output.writeBytes(piece("<s>", 0, 3));
        output.writeBytes(piece("</s>", 0, 3));
        for (int value = 0; value < 256; value++) {
            output.writeBytes(piece("<0x%02X>".formatted(value), 0, 6));
        }
        for (String text : List.of("▁", "a", "b", "ab", "▁ab")) {
            output.writeBytes(piece(text, text.length() == 1 ? -9 : -text.length(), 1));
        }
        output.writeBytes(field(2, number(3, kind)));
        output.writeBytes(field(3, number(4, removesSpaces ? 1 : 0)));
        return output.toByteArray();
    }
}
