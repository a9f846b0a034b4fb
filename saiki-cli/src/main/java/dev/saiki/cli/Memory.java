package dev.saiki.cli;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/// The memory of this machine or container, in bytes.
///
/// @param total memory visible to this process
/// @param available free memory
/// @param heapLimit the largest heap for Java objects; tensors are not in the heap
record Memory(long total, long available, long heapLimit) {

    /// Reads the values of this machine.
    static Memory ofThisMachine() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return new Memory(
                system.getTotalMemorySize(),
                system.getFreeMemorySize(),
                Runtime.getRuntime().maxMemory());
    }
}
