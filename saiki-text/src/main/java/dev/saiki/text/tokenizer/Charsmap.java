package dev.saiki.text.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// SentencePiece's table of replacements, compiled to a double-array trie, applied as in Hugging Face's library.
///
/// A grapheme cluster of at most five bytes is replaced as a whole, by the replacement of its shortest prefix in the
/// table. In longer clusters, and in those without such a prefix, each character is replaced separately.
final class Charsmap implements TextNormalizer.Step {

    private static final Pattern CLUSTER = Pattern.compile("\\X");
    private static final int LONGEST_CLUSTER = 5;
    private static final int LABEL = 0x8000_00FF;

    private final ByteBuffer units;
    private final byte[] replacements;

    private Charsmap(ByteBuffer units, byte[] replacements) {
        this.units = units;
        this.replacements = replacements;
    }

    /// Reads a table: the size of the trie in bytes, the trie, and the replacements, each with a zero behind it.
    ///
    /// @param base64 the content of a `precompiled_charsmap`
    /// @return the table; empty if the content is damaged, or a replacement is very long
    static Optional<Charsmap> read(String base64) {
        try {
            ByteBuffer all = ByteBuffer.wrap(Base64.getDecoder().decode(base64)).order(ByteOrder.LITTLE_ENDIAN);
            int size = all.remaining() < Integer.BYTES ? 0 : all.getInt();
            if (size < Integer.BYTES || size % Integer.BYTES != 0 || size > all.remaining()) {
                return Optional.empty();
            }
            byte[] replacements = new byte[all.remaining() - size];
            all.get(all.position() + size, replacements);
            Charsmap table = new Charsmap(all.slice(all.position(), size).order(ByteOrder.LITTLE_ENDIAN), replacements);
            return IntStream.range(0, replacements.length)
                            .allMatch(from -> table.end(from) - from <= TextNormalizer.LONGEST_REPLACEMENT)
                    ? Optional.of(table)
                    : Optional.empty();
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    @Override
    public String apply(String text, TextNormalizer.Place place) {
        StringBuilder result = new StringBuilder(text.length());
        Matcher clusters = CLUSTER.matcher(text);
        while (clusters.find()) {
            String cluster = clusters.group();
            replacement(cluster)
                    .ifPresentOrElse(
                            result::append,
                            () -> cluster.codePoints().forEach(c -> {
                                String character = Character.toString(c);
                                result.append(replacement(character).orElse(character));
                            }));
        }
        return result.toString();
    }

    private Optional<String> replacement(String part) {
        byte[] key = part.getBytes(StandardCharsets.UTF_8);
        int node = offset(unit(0));
        for (int i = 0; key.length <= LONGEST_CLUSTER && i < key.length && key[i] != 0; i++) {
            node ^= Byte.toUnsignedInt(key[i]);
            int unit = unit(node);
            if ((unit & LABEL) != Byte.toUnsignedInt(key[i])) {
                return Optional.empty();
            }
            node ^= offset(unit);
            if ((unit >>> 8 & 1) == 1) {
                return Optional.of(text(unit(node) & Integer.MAX_VALUE));
            }
        }
        return Optional.empty();
    }

    /// A unit of the trie; in a damaged trie, a unit outside has no label.
    private int unit(int node) {
        boolean inside = node >= 0 && node < units.limit() / Integer.BYTES;
        return inside ? units.getInt(node * Integer.BYTES) : 0;
    }

    private static int offset(int unit) {
        return unit >>> 10 << ((unit & 1 << 9) >>> 6);
    }

    private String text(int from) {
        int end = end(from);
        return end == from ? "" : new String(replacements, from, end - from, StandardCharsets.UTF_8);
    }

    private int end(int from) {
        int end = from;
        while (end < replacements.length
                && end - from <= TextNormalizer.LONGEST_REPLACEMENT
                && replacements[end] != 0) {
            end++;
        }
        return end;
    }
}
