package dev.saiki.io.storage;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/// The process that holds a lease.
///
/// @param id a unique id
/// @param host the machine's name, for messages
/// @param processes identifiers of the machine's last boot and of the process namespace; empty if unknown
/// @param pid the process id in that namespace
/// @param started the process's start time in milliseconds since 1970; 0 if unknown
record LeaseOwner(String id, String host, String processes, long pid, long started) {

    private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");
    private static final Path NAMESPACE = Path.of("/proc/self/ns/pid");

    /// Returns this process as an owner.
    static LeaseOwner thisProcess() {
        ProcessHandle self = ProcessHandle.current();
        return new LeaseOwner(UUID.randomUUID().toString(), hostName(), visibleProcesses(), self.pid(), startOf(self));
    }

    private static long startOf(ProcessHandle process) {
        return process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException nameless) {
            return "unknown host";
        }
    }

    /// Returns the identifiers of the boot and of the process namespace; empty if unknown.
    private static String visibleProcesses() {
        try {
            return Files.readString(BOOT).strip() + " "
                    + Files.readSymbolicLink(NAMESPACE).getFileName();
        } catch (IOException | UnsupportedOperationException e) {
            return "";
        }
    }

    /// Whether this owner certainly no longer runs; false if the observer cannot tell because it is on
    /// another machine or in another process namespace.
    boolean hasEnded(LeaseOwner observer) {
        if (processes.isEmpty() || !processes.equals(observer.processes)) {
            return false;
        }
        Optional<ProcessHandle> running = ProcessHandle.of(pid);
        return running.isEmpty() || startOf(running.get()) != started;
    }

    /// The owner's name in messages.
    String name() {
        return "process " + pid + " on " + host;
    }

    /// Formats the owner as the text of a lease.
    ///
    /// @param renewals number of renewals, which makes every renewed text different
    /// @param seconds for how long the lease is valid, in seconds from the time of writing
    String text(long renewals, long seconds) {
        return "owner: " + id + "\nhost: " + host + "\nprocesses: " + processes + "\npid: " + pid + "\nstarted: "
                + started + "\nrenewals: " + renewals + "\nseconds: " + seconds + "\n";
    }

    /// The content of a lease.
    ///
    /// @param owner the owner of the lease
    /// @param seconds for how long the lease is valid, in seconds from the time of writing
    record Claim(LeaseOwner owner, long seconds) {

        /// Parses the text of a lease.
        ///
        /// @return the content; empty if the text is not that of a lease
        static Optional<Claim> parse(String text) {
            Map<String, String> values = new TreeMap<>();
            text.lines().forEach(line -> {
                int colon = line.indexOf(": ");
                if (colon > 0) {
                    values.put(line.substring(0, colon), line.substring(colon + 2));
                }
            });
            try {
                return Optional.of(new Claim(
                        new LeaseOwner(
                                values.getOrDefault("owner", ""),
                                values.getOrDefault("host", "unknown host"),
                                values.getOrDefault("processes", ""),
                                Long.parseLong(values.getOrDefault("pid", "")),
                                Long.parseLong(values.getOrDefault("started", ""))),
                        Long.parseLong(values.getOrDefault("seconds", ""))));
            } catch (NumberFormatException e) {
                return Optional.empty();
            }
        }
    }
}
