package dev.saiki.tensor;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/// A Flight Recorder event for a backward pass.
@Name("dev.saiki.BackwardPass")
@Label("Backward pass")
@Category("Saiki")
@Description("Gradients of one loss; a micro-batch may have several losses")
@StackTrace(false)
final class BackwardPassEvent extends Event {

    /// Runs a backward pass, and records it if a recording is active.
    static void record(Runnable pass) {
        BackwardPassEvent event = new BackwardPassEvent();
        event.begin();
        pass.run();
        event.commit();
    }
}
