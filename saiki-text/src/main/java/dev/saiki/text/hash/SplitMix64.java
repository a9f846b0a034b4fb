package dev.saiki.text.hash;

/// A hash of 64-bit numbers, for choices that depend only on a seed.
public final class SplitMix64 {

    /// 2^64 divided by the golden ratio: its multiples spread evenly over all numbers.
    public static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

    private SplitMix64() {}

    /// A bijection in which each input bit changes about half of the output bits: the finalizer of SplitMix64
    /// (Steele, Lea and Flood, Fast Splittable Pseudorandom Number Generators, OOPSLA 2014), in Stafford's
    /// variant 13.
    public static long mix(long value) {
        long z = value;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    /// Combines two numbers.
    public static long mix(long first, long second) {
        return mix(mix(first + GOLDEN_RATIO) + second);
    }
}
