package dev.saiki.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/// A range of this process's memory in `/proc/self/smaps`.
///
/// @param first the first address of the range
/// @param end the address after the last byte of the range
/// @param name the name of the file, or the system's name for the range; empty if it has none
/// @param residentBytes the bytes resident in memory
/// @param flags the range's flags, in the kernel's abbreviations; `hg` for large pages
public record MappedMemory(long first, long end, String name, long residentBytes, Set<String> flags) {

    private static final long KIB = 1 << 10;
    private static final int HEXADECIMAL = 16;

    /// Keeps its own copy of the flags.
    public MappedMemory {
        flags = Set.copyOf(flags);
    }

    /// Reads all memory ranges of this process.
    ///
    /// @return the ranges as they are now
    /// @throws IOException if the system does not provide the ranges
    public static List<MappedMemory> all() throws IOException {
        List<MappedMemory> all = new ArrayList<>();
        String range = "";
        long resident = 0;
        for (String line : Files.readAllLines(Path.of("/proc/self/smaps"))) {
            if (line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                range = line;
            } else if (line.startsWith("Rss:")) {
                resident = Long.parseLong(line.replaceAll("\\D", "")) * KIB;
            } else if (line.startsWith("VmFlags:")) {
                all.add(of(range, resident, line));
            }
        }
        return all;
    }

    /// Parses a range. In its line, addresses, permissions, offset, device and inode precede the name.
    private static MappedMemory of(String range, long resident, String flags) {
        String[] columns = range.split(" +", 6);
        int dash = columns[0].indexOf('-');
        return new MappedMemory(
                Long.parseUnsignedLong(columns[0], 0, dash, HEXADECIMAL),
                Long.parseUnsignedLong(columns[0], dash + 1, columns[0].length(), HEXADECIMAL),
                columns.length < 6 ? "" : columns[5],
                resident,
                Set.of(flags.substring("VmFlags:".length()).strip().split(" ", -1)));
    }

    /// Tells whether an address lies in the range.
    ///
    /// @param address an address
    /// @return whether the address is in the range
    public boolean holds(long address) {
        return Long.compareUnsigned(first, address) <= 0 && Long.compareUnsigned(address, end) < 0;
    }

    /// Tells whether large pages were requested.
    ///
    /// @return whether large pages were requested
    public boolean asksForLargePages() {
        return flags.contains("hg");
    }

    /// Counts the resident memory of a mapped file in this process.
    ///
    /// @param file a file
    /// @return bytes
    /// @throws IOException if the system does not provide the ranges
    public static long residentBytes(Path file) throws IOException {
        return all().stream()
                .filter(range -> range.name().endsWith(file.toString()))
                .mapToLong(MappedMemory::residentBytes)
                .sum();
    }
}
