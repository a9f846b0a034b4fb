package dev.saiki.engine.kernel;

import dev.saiki.engine.settings.CacheFormat;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/// The keys and values that a row attends to, as runs of slots that are contiguous in a page, in the order of
/// positions.
public final class PageRuns {

    /// The numbers of a run for the kernels in C: the addresses of its first key and value, and its slots.
    static final int NUMBERS = 3;

    private MemorySegment[] pages = new MemorySegment[8];
    private long[] offsets = new long[2 * pages.length];
    private long[] numbers = new long[NUMBERS * pages.length];
    private CacheFormat format = CacheFormat.FLOAT32;
    private int count;
    private int slots;

    /// Makes an empty list.
    public PageRuns() {}

    /// Removes all runs.
    public void clear() {
        Arrays.fill(pages, 0, count, null);
        count = 0;
        slots = 0;
    }

    /// Adds a run. All runs have the same number format.
    ///
    /// @param added number format of keys and values
    /// @param page memory that holds the keys and values
    /// @param keys offset of the first key, in bytes
    /// @param values offset of the first value, in bytes
    /// @param more number of slots
    public void add(CacheFormat added, MemorySegment page, long keys, long values, int more) {
        format = added;
        if (count == pages.length) {
            pages = Arrays.copyOf(pages, 2 * count);
            offsets = Arrays.copyOf(offsets, 4 * count);
            numbers = Arrays.copyOf(numbers, 2 * NUMBERS * count);
        }
        pages[count] = page;
        offsets[2 * count] = keys;
        offsets[2 * count + 1] = values;
        numbers[NUMBERS * count] = page.address() + keys;
        numbers[NUMBERS * count + 1] = page.address() + values;
        numbers[NUMBERS * count + 2] = more;
        count++;
        slots += more;
    }

    /// The number of slots of all runs.
    int slots() {
        return slots;
    }

    CacheFormat format() {
        return format;
    }

    /// The number of runs.
    int count() {
        return count;
    }

    /// The runs' numbers, {@link #NUMBERS} for each; longer than needed.
    long[] numbers() {
        return numbers;
    }

    PageKernels.Slots keys(int run, int dim) {
        return new PageKernels.Slots(pages[run], offsets[2 * run], format, slots(run), dim);
    }

    PageKernels.Slots values(int run, int dim) {
        return new PageKernels.Slots(pages[run], offsets[2 * run + 1], format, slots(run), dim);
    }

    private int slots(int run) {
        return (int) numbers[NUMBERS * run + 2];
    }
}
