package example;

import java.time.LocalTime;
import org.springframework.ai.tool.annotation.Tool;

/// A tool that the model may call.
public class Clock {

    /// Tells the time.
    ///
    /// @return the time of day
    @Tool(description = "The time of day")
    public String time() {
        return LocalTime.now().toString();
    }
}
