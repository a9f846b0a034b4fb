package dev.saiki.cli;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/// The memory of this machine or container, in bytes.
///
/// @param total all that this process may see
/// @param available what is free now
/// @param heapLimit the most that Java objects can take; tensors lie outside of the heap
record Memory(long total, long available, long heapLimit) {

    /// Asks this machine.
    static Memory ofThisMachine() {
        OperatingSystemMXBean system = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);
        return new Memory(
                system.getTotalMemorySize(),
                system.getFreeMemorySize(),
                Runtime.getRuntime().maxMemory());
    }
}
