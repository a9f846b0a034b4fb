package dev.saiki.server.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.MeterBinder;
import io.micrometer.core.instrument.binder.jvm.ClassLoaderMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.core.instrument.config.MeterFilter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/// The metrics of the JVM and its process: heap, garbage collection, threads, CPU, files, and resident memory,
/// which includes weights and cache.
///
/// The names are Micrometer's, except Prometheus's own name for resident memory, which Micrometer does not
/// measure.
public final class JvmSeries implements AutoCloseable {

    private static final Path STATUS = Path.of("/proc/self/status");
    private static final String RESIDENT = "VmRSS:";
    private static final int BYTES_A_KIB = 1024;

    private final JvmGcMetrics collections = new JvmGcMetrics();

    /// Excludes two series that violate Prometheus's conventions: one is a time in nanoseconds; the name of the
    /// other, the number of processors, looks like part of a histogram. Must be called before any series is
    /// registered.
    static void leaveOut(MeterRegistry registry) {
        registry.config()
                .meterFilter(MeterFilter.denyNameStartsWith("process.cpu.time"))
                .meterFilter(MeterFilter.denyNameStartsWith("system.cpu.count"));
    }

    JvmSeries(MeterRegistry registry) {
        List<MeterBinder> binders = List.of(
                collections,
                new JvmMemoryMetrics(),
                new JvmThreadMetrics(),
                new ClassLoaderMetrics(),
                new ProcessorMetrics(),
                new FileDescriptorMetrics(),
                new UptimeMetrics());
        binders.forEach(binder -> binder.bindTo(registry));
        Gauge.builder("process.resident.memory.bytes", JvmSeries::residentBytes)
                .description("Resident memory, including weights and cache; NaN if the system does not report it")
                .register(registry);
    }

    private static double residentBytes() {
        try (Stream<String> lines = Files.lines(STATUS)) {
            return lines.filter(line -> line.startsWith(RESIDENT))
                    .mapToDouble(line -> Double.parseDouble(line.substring(RESIDENT.length())
                                    .replace("kB", "")
                                    .strip())
                            * BYTES_A_KIB)
                    .findFirst()
                    .orElse(Double.NaN);
        } catch (IOException | RuntimeException e) {
            return Double.NaN;
        }
    }

    /// Unsubscribes from the garbage collector's events.
    @Override
    public void close() {
        collections.close();
    }
}
