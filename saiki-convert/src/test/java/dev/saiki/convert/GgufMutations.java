package dev.saiki.convert;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// Damage to GGUF files at their lengths, counts, types, offsets and texts.
final class GgufMutations {

    /// The meaning of a range of bytes in a file.
    private enum Part {
        MAGIC,
        VERSION,
        COUNT,
        LENGTH,
        TEXT,
        TYPE,
        VALUE,
        ELEMENT_TYPE,
        ELEMENT_COUNT,
        DIMENSIONS,
        SIZE,
        FORMAT,
        OFFSET
    }

    private static final int ARRAY = 9;
    private static final int STRING = 8;
    private static final int[] WIDTHS = {1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8};

    /// @param at the field's first byte
    /// @param width the number of bytes
    private record Field(int at, int width) {}

    /// @param at the first byte of a metadata entry
    /// @param value the first byte of the entry's type
    /// @param end the byte after the entry
    private record Entry(int at, int value, int end) {}

    private final byte[] valid;
    private final Map<Part, List<Field>> fields = new EnumMap<>(Part.class);
    private final List<Entry> entries = new ArrayList<>();
    private int position;

    /// @param valid a file without damage
    GgufMutations(byte[] valid) {
        this.valid = valid;
        mark(Part.MAGIC, 4);
        mark(Part.VERSION, 4);
        long tensors = mark(Part.COUNT, 8);
        long count = mark(Part.COUNT, 8);
        for (long i = 0; i < count; i++) {
            int at = position;
            text();
            int value = position;
            value((int) mark(Part.TYPE, 4));
            entries.add(new Entry(at, value, position));
        }
        for (long i = 0; i < tensors; i++) {
            text();
            long dimensions = mark(Part.DIMENSIONS, 4);
            for (long axis = 0; axis < dimensions; axis++) {
                mark(Part.SIZE, 8);
            }
            mark(Part.FORMAT, 4);
            mark(Part.OFFSET, 8);
        }
    }

    private long mark(Part part, int width) {
        fields.computeIfAbsent(part, _ -> new ArrayList<>()).add(new Field(position, width));
        long value = width <= 8 ? ByteMutations.get(valid, position, width) : 0;
        position += width;
        return value;
    }

    private void text() {
        mark(Part.TEXT, (int) mark(Part.LENGTH, 8));
    }

    private void value(int type) {
        if (type == STRING) {
            text();
        } else if (type == ARRAY) {
            int element = (int) mark(Part.ELEMENT_TYPE, 4);
            long count = mark(Part.ELEMENT_COUNT, 8);
            for (long i = 0; i < count; i++) {
                value(element);
            }
        } else {
            mark(Part.VALUE, WIDTHS[type]);
        }
    }

    /// Returns a copy of the file with one to three changes.
    byte[] mutated(Random random) {
        byte[] bytes = valid.clone();
        for (int change = random.nextInt(3); change >= 0; change--) {
            List<Part> parts = List.copyOf(fields.keySet());
            Part part = parts.get(random.nextInt(parts.size()));
            List<Field> those = fields.getOrDefault(part, List.of());
            // The first fields describe the model and are few; most fields belong to the vocabulary.
            int among = random.nextBoolean() ? Math.min(60, those.size()) : those.size();
            Field field = those.get(random.nextInt(among));
            if (part == Part.TEXT) {
                ByteMutations.scribble(bytes, field.at(), field.width(), random);
            } else {
                long there = ByteMutations.get(bytes, field.at(), field.width());
                long left = (long) bytes.length - field.at() - field.width();
                ByteMutations.put(bytes, field.at(), field.width(), ByteMutations.odd(there, left, random));
            }
        }
        return switch (random.nextInt(8)) {
            case 0 -> withEntry(bytes, random);
            case 1 -> ByteMutations.anywhere(bytes, random);
            default -> bytes;
        };
    }

    /// Removes a metadata entry or inserts one: a copy of an existing entry, nested lists, an alignment, or any
    /// other entry.
    private byte[] withEntry(byte[] bytes, Random random) {
        Entry entry = entries.get(random.nextInt(entries.size()));
        int kind = random.nextInt(5);
        byte[] counted = bytes.clone();
        ByteMutations.put(counted, 16, 8, entries.size() + (kind == 0 ? -1 : 1));
        byte[] added = switch (kind) {
            case 0 -> new byte[0];
            case 1 -> Arrays.copyOfRange(valid, entry.at(), entry.end());
            case 2 -> entry("llama.nested", nested(1 + random.nextInt(2_000)));
            case 3 -> entry("general.alignment", number(4, ByteMutations.odd(32, 32, random)));
            default ->
                entry(
                        random.nextBoolean() ? "llama.something" : "x".repeat(1 + random.nextInt(300)),
                        Arrays.copyOfRange(valid, entry.value(), entry.end()));
        };
        return ByteMutations.replaced(counted, entry.at(), kind == 0 ? entry.end() : entry.at(), added);
    }

    private static byte[] entry(String key, byte[] value) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        output.writeBytes(number(8, key.length()));
        output.writeBytes(key.getBytes(StandardCharsets.UTF_8));
        output.writeBytes(value);
        return output.toByteArray();
    }

    /// A number after its type; a number of eight bytes has no type before it.
    private static byte[] number(int width, long value) {
        byte[] bytes = new byte[width == 8 ? 8 : 4 + width];
        if (width != 8) {
            ByteMutations.put(bytes, 0, 4, 4);
        }
        ByteMutations.put(bytes, bytes.length - width, width, value);
        return bytes;
    }

    /// A list nested in lists, to a given depth.
    private static byte[] nested(int depth) {
        byte[] bytes = new byte[4 + depth * 12];
        ByteMutations.put(bytes, 0, 4, ARRAY);
        for (int level = 0; level < depth; level++) {
            ByteMutations.put(bytes, 4 + level * 12, 4, level == depth - 1 ? 0 : ARRAY);
            ByteMutations.put(bytes, 8 + level * 12, 8, level == depth - 1 ? 0 : 1);
        }
        return bytes;
    }
}
