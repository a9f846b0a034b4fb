package dev.saiki.train.parallel;

import dev.saiki.tensor.ProcessGroup;
import java.util.function.Supplier;
import jdk.jfr.Category;
import jdk.jfr.DataAmount;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;
import jdk.jfr.Timespan;

/// A Flight Recorder event for an exchange of gradients between processes, from its start until its result is
/// complete. Backward passes may run at the same time.
@Name("dev.saiki.GradientExchange")
@Label("Gradient exchange")
@Category("Saiki")
@StackTrace(false)
final class GradientExchangeEvent extends Event {

    @Label("Rank")
    int rank;

    @Label("Bytes")
    @Description("Size of the exchanged gradients")
    @DataAmount
    long bytes;

    @Label("Waited")
    @Description("Time that the rank waited for the exchange")
    @Timespan(Timespan.NANOSECONDS)
    long waited;

    /// Starts an exchange, and records it if a recording is active.
    ///
    /// @param group the group that runs the exchange
    /// @param bytes the number of bytes of the gradients
    /// @param operation starts the exchange
    /// @return the pending exchange
    static ProcessGroup.Pending record(ProcessGroup group, long bytes, Supplier<ProcessGroup.Pending> operation) {
        GradientExchangeEvent event = new GradientExchangeEvent();
        event.begin();
        ProcessGroup.Pending pending = operation.get();
        return () -> {
            long start = System.nanoTime();
            pending.await();
            event.waited = System.nanoTime() - start;
            event.rank = group.rank();
            event.bytes = bytes;
            event.commit();
        };
    }
}
