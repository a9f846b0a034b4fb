package dev.saiki.convert.quantized;

/// The layout of four-bit integers in words of 32 bits.
enum WordLayout {
    /// A word has the integers of eight inputs. Zeros lie in words of eight outputs.
    GPTQ(0x76543210),

    /// A word has the integers of eight outputs: first those with even, then those with odd numbers.
    AWQ(0x73625140);

    /// The number of integers in a word.
    static final int INTEGERS = 8;

    private final int places;

    WordLayout(int places) {
        this.places = places;
    }

    /// The place of an output in its word, from the lowest four bits.
    int place(long output) {
        return (places >> (4 * (int) (output % INTEGERS))) & 7;
    }

    /// Extracts an integer from a word.
    static int integer(int word, int place) {
        return (word >> (4 * place)) & 15;
    }
}
