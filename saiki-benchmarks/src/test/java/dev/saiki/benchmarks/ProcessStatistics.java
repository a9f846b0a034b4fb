package dev.saiki.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/// The memory, open files and threads of a process, from `/proc`.
///
/// @param residentBytes resident memory
/// @param threads the number of operating system threads
/// @param handles the number of open files and sockets
record ProcessStatistics(long residentBytes, long threads, long handles) {

    /// Reads the statistics of a process.
    ///
    /// @param pid the process's id
    /// @return the current statistics
    /// @throws IOException if the process has ended, or the system is not Linux
    static ProcessStatistics of(long pid) throws IOException {
        Path process = Path.of("/proc", Long.toString(pid));
        return new ProcessStatistics(
                residentBytes(process.resolve("status")), count(process.resolve("task")), count(process.resolve("fd")));
    }

    private static long residentBytes(Path status) throws IOException {
        try (Stream<String> lines = Files.lines(status)) {
            String line = lines.filter(candidate -> candidate.startsWith("VmRSS:"))
                    .findFirst()
                    .orElseThrow();
            return Long.parseLong(line.replaceAll("\\D", "")) << 10;
        }
    }

    private static long count(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            return entries.count();
        }
    }
}
