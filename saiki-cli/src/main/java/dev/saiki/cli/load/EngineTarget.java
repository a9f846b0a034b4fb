package dev.saiki.cli.load;

import dev.saiki.engine.Engine;
import dev.saiki.engine.Finish;
import dev.saiki.engine.FinishReason;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.Token;
import dev.saiki.engine.TokenStream;
import dev.saiki.engine.settings.RouteSettings;
import java.util.Arrays;
import java.util.List;

/// An engine without a server before it.
///
/// @param engine to be asked
/// @param route what is asked of depth
public record EngineTarget(Engine engine, RouteSettings route) implements LoadTarget {

    @Override
    public LoadOutcome ask(LoadRequest request) {
        GenerationRequest generation = GenerationRequest.greedy(request.prompt(), request.tokens())
                .withStop(List.of(), false)
                .withRoute(route);
        long[] times = new long[request.tokens()];
        int count = 0;
        try (TokenStream stream = engine.submit(generation)) {
            for (Token _ : stream) {
                times[count] = System.nanoTime();
                count++;
            }
            Finish finish = stream.finish();
            if (finish.reason() != FinishReason.MAX_TOKENS) {
                return new LoadOutcome.Failed("the engine ended with " + finish.reason());
            }
            int[] depths = finish.depths();
            return new LoadOutcome.Answered(
                    times, count, Arrays.stream(depths).asLongStream().sum(), depths.length);
        }
    }
}
