package dev.saiki.convert.gguf;

import dev.saiki.io.InputException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.IntStream;

/// A cursor over the bytes of a GGUF file; it never reads beyond the end of the file.
final class GgufReader {

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    /// The maximum length of a string, which may be a chat template or a whole `tokenizer.json`.
    private static final int LONGEST_TEXT = 1 << 27;

    private final MemorySegment file;
    private final String where;
    private long position;

    GgufReader(MemorySegment file, String where) {
        this.file = file;
        this.where = where;
    }

    long position() {
        return position;
    }

    private long take(String what, long bytes) {
        if (bytes > file.byteSize() - position) {
            throw new InputException(where + ": truncated at byte " + position + ", in " + what);
        }
        long from = position;
        position += bytes;
        return from;
    }

    int int32(String what) {
        return file.get(INT, take(what, Integer.BYTES));
    }

    long int64(String what) {
        return file.get(LONG, take(what, Long.BYTES));
    }

    /// Reads a count of items, and checks that enough bytes remain for that many items of the given minimum size.
    /// The items themselves are not read.
    int count(String what, int minBytes) {
        long count = int64(what);
        long max = (file.byteSize() - position) / minBytes;
        if (count < 0 || count > Math.min(max, Integer.MAX_VALUE - 8)) {
            throw InputException.of(
                    where,
                    what,
                    "at most " + max + ", the most that the remaining bytes can contain",
                    Long.toUnsignedString(count));
        }
        return (int) count;
    }

    String text(String what) {
        int length = count("the length of " + what, 1);
        if (length > LONGEST_TEXT) {
            throw InputException.of(where, "the length of " + what, "at most " + LONGEST_TEXT, length);
        }
        byte[] bytes = new byte[length];
        MemorySegment.copy(file, ValueLayout.JAVA_BYTE, take(what, length), bytes, 0, length);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    GgufValue value(String key) {
        ValueType type = type(key);
        return type == ValueType.ARRAY ? array(key) : scalar(type, key);
    }

    private ValueType type(String key) {
        int code = int32(key);
        return ValueType.ofCode(code)
                .orElseThrow(() -> InputException.of(where, key + ": the type of the value", "0 to 12", code));
    }

    private GgufValue scalar(ValueType type, String key) {
        return switch (type) {
            case STRING -> new GgufValue.Text(text(key));
            case BOOL -> new GgufValue.Flag(whole(type, key) != 0);
            case F32, F64 -> new GgufValue.Real(real(type, key), type);
            case U8, I8, U16, I16, U32, I32, U64, I64 -> new GgufValue.Whole(whole(type, key), type);
            case ARRAY -> throw InputException.of(where, key, "a list of plain values", "a list of lists");
        };
    }

    private GgufValue array(String key) {
        ValueType type = type(key);
        if (type == ValueType.ARRAY) {
            return scalar(type, key);
        }
        int count = count("the length of " + key, type.minBytes());
        return switch (type) {
            case STRING ->
                new GgufValue.Texts(
                        IntStream.range(0, count).mapToObj(_ -> text(key)).toList());
            case F32, F64 -> {
                double[] numbers = new double[count];
                Arrays.setAll(numbers, _ -> real(type, key));
                yield new GgufValue.Reals(numbers, type);
            }
            default -> {
                long[] numbers = new long[count];
                Arrays.setAll(numbers, _ -> whole(type, key));
                yield new GgufValue.Wholes(numbers, type);
            }
        };
    }

    private double real(ValueType type, String key) {
        return type == ValueType.F32 ? Float.intBitsToFloat(int32(key)) : Double.longBitsToDouble(int64(key));
    }

    private long whole(ValueType type, String key) {
        return switch (type) {
            case U8, BOOL -> Byte.toUnsignedInt(file.get(ValueLayout.JAVA_BYTE, take(key, 1)));
            case I8 -> file.get(ValueLayout.JAVA_BYTE, take(key, 1));
            case U16 -> Short.toUnsignedInt(file.get(SHORT, take(key, Short.BYTES)));
            case I16 -> file.get(SHORT, take(key, Short.BYTES));
            case U32 -> Integer.toUnsignedLong(int32(key));
            case I32 -> int32(key);
            case U64, I64 -> int64(key);
            case F32, F64, STRING, ARRAY -> throw new IllegalStateException(type + " is not a whole number");
        };
    }
}
