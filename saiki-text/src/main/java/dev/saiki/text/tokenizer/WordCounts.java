package dev.saiki.text.tokenizer;

import dev.saiki.io.InputException;
import java.util.Arrays;

/// The counts of words, which are stored as concatenated byte strings in one array.
///
/// The hash table uses open addressing because a corpus has millions of distinct words, and an object for each
/// would take more memory than the words.
public final class WordCounts {

    private static final int MAX_BYTES = 1 << 30;

    private byte[] bytes = new byte[1 << 16];
    private int used;
    private int size;
    /// Word w is `bytes[starts[w], starts[w + 1])`.
    private int[] starts = new int[1 << 12];
    private int[] hashes = new int[1 << 12];
    private long[] counts = new long[1 << 12];
    /// Word number plus one; 0 is free.
    private int[] slots = new int[1 << 13];

    /// Creates an empty table.
    public WordCounts() {}

    /// Counts the words of a text; no word continues beyond the text's ends.
    ///
    /// @param text the text
    /// @throws InputException if the distinct words take more than 1 GiB
    public void addText(String text) {
        Utf8 utf8 = new Utf8();
        WordSplitter.split(text, 0, text.length(), (whole, from, to) -> {
            utf8.encode(whole, from, to);
            add(utf8.bytes(), 0, utf8.length(), 1);
        });
    }

    /// Adds to the count of a word.
    ///
    /// @param word the bytes of the word
    /// @param times the number of occurrences
    /// @throws InputException if the distinct words take more than 1 GiB
    public void add(byte[] word, long times) {
        add(word, 0, word.length, times);
    }

    /// The number of distinct words.
    ///
    /// @return the number, at least 0
    public int size() {
        return size;
    }

    /// The bytes of a word.
    ///
    /// @param word the number of the word, from 0
    /// @return a copy
    public byte[] word(int word) {
        return Arrays.copyOfRange(bytes, starts[word], starts[word + 1]);
    }

    /// The number of occurrences of a word.
    ///
    /// @param word the number of the word, from 0
    /// @return the count
    public long count(int word) {
        return counts[word];
    }

    int start(int word) {
        return starts[word];
    }

    int end(int word) {
        return starts[word + 1];
    }

    byte at(int position) {
        return bytes[position];
    }

    /// Adds to the count of the word in `source[from, to)`.
    void add(byte[] source, int from, int to, long times) {
        int hash = hash(source, from, to);
        int mask = slots.length - 1;
        int slot = hash & mask;
        while (slots[slot] != 0) {
            int word = slots[slot] - 1;
            if (hashes[word] == hash && Arrays.equals(bytes, starts[word], starts[word + 1], source, from, to)) {
                counts[word] += times;
                return;
            }
            slot = (slot + 1) & mask;
        }
        slots[slot] = size + 1;
        append(source, from, to, hash, times);
    }

    void addAll(WordCounts other) {
        for (int word = 0; word < other.size; word++) {
            add(other.bytes, other.starts[word], other.starts[word + 1], other.counts[word]);
        }
    }

    private void append(byte[] source, int from, int to, int hash, long times) {
        int length = to - from;
        if (length > MAX_BYTES - used) {
            throw new InputException("corpus: the distinct words must fit in 1 GiB to train a tokenizer,"
                    + " got more; train it on a sample of the corpus");
        }
        if (used + length > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.max(used + length, (int) Math.min(MAX_BYTES, bytes.length * 2L)));
        }
        System.arraycopy(source, from, bytes, used, length);
        used += length;
        hashes[size] = hash;
        counts[size] = times;
        size++;
        if (size + 1 >= starts.length) {
            starts = Arrays.copyOf(starts, starts.length * 2);
            hashes = Arrays.copyOf(hashes, hashes.length * 2);
            counts = Arrays.copyOf(counts, counts.length * 2);
        }
        starts[size] = used;
        if (size * 2 > slots.length) {
            rehash();
        }
    }

    private void rehash() {
        slots = new int[slots.length * 2];
        int mask = slots.length - 1;
        for (int word = 0; word < size; word++) {
            int slot = hashes[word] & mask;
            while (slots[slot] != 0) {
                slot = (slot + 1) & mask;
            }
            slots[slot] = word + 1;
        }
    }

    private static int hash(byte[] source, int from, int to) {
        int hash = 0;
        for (int i = from; i < to; i++) {
            hash = hash * 31 + source[i];
        }
        hash *= 0x9E3779B9;
        return hash ^ (hash >>> 15);
    }
}
