package dev.saiki.text.tokenizer;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.BitSet;
import java.util.Map;
import java.util.TreeMap;

/// A builder of SentencePiece's tables of replacements.
public final class CharsmapSample {

    private static final int LEAF = 1 << 8;
    private static final int VALUE = 1 << 31;

    private final int[] units = new int[1 << 14];
    private final BitSet taken = new BitSet();

    private CharsmapSample() {
        taken.set(0);
    }

    /// A node of the trie.
    private static final class Node {
        private final Map<Integer, Node> next = new TreeMap<>();
        private int value = -1;
    }

    /// Builds a table in base64.
    public static String of(Map<String, String> replacements) {
        Node root = new Node();
        StringBuilder texts = new StringBuilder();
        replacements.forEach((from, to) -> {
            Node node = root;
            for (byte b : from.getBytes(StandardCharsets.UTF_8)) {
                node = node.next.computeIfAbsent(Byte.toUnsignedInt(b), _ -> new Node());
            }
            node.value = texts.toString().getBytes(StandardCharsets.UTF_8).length;
            texts.append(to).append('\0');
        });
        CharsmapSample sample = new CharsmapSample();
        sample.place(root, 0, 0);
        byte[] end = texts.toString().getBytes(StandardCharsets.UTF_8);
        ByteBuffer all =
                ByteBuffer.allocate(4 + sample.units.length * 4 + end.length).order(ByteOrder.LITTLE_ENDIAN);
        all.putInt(sample.units.length * 4);
        for (int unit : sample.units) {
            all.putInt(unit);
        }
        return Base64.getEncoder().encodeToString(all.put(end).array());
    }

    /// Writes a node at a position, and its children around the first base at which there is room for them.
    private void place(Node node, int at, int label) {
        int base = 1;
        while (!fits(node, base)) {
            base++;
        }
        units[at] = label | (at ^ base) << 10 | (node.value < 0 ? 0 : LEAF);
        if (node.value >= 0) {
            units[base] = node.value | VALUE;
            taken.set(base);
        }
        for (int next : node.next.keySet()) {
            taken.set(base ^ next);
        }
        for (Map.Entry<Integer, Node> next : node.next.entrySet()) {
            place(next.getValue(), base ^ next.getKey(), next.getKey());
        }
    }

    private boolean fits(Node node, int base) {
        return !(node.value >= 0 && taken.get(base))
                && node.next.keySet().stream().noneMatch(next -> taken.get(base ^ next));
    }
}
