package dev.saiki.cli.load;

import dev.saiki.engine.Engine;
import dev.saiki.engine.FinishReason;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.Token;
import dev.saiki.engine.TokenStream;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.engine.settings.RouteSettings;
import java.util.Arrays;
import java.util.Iterator;

/// An engine called directly, without a server. Waiting works as for a server's non-streamed answer: no thread
/// wakes up for the tokens between the first and the last.
///
/// @param engine the target
/// @param route depth settings of requests
public record EngineTarget(Engine engine, RouteSettings route) implements LoadTarget {

    @Override
    public LoadOutcome ask(LoadRequest request) {
        GenerationRequest generation = GenerationRequest.builder(request.prompt(), request.tokens())
                .ending(StopConditions.NONE)
                .route(route)
                .build();
        try (TokenStream stream = engine.submit(generation)) {
            Iterator<Token> tokens = stream.iterator();
            int count = 0;
            if (tokens.hasNext()) {
                stream.awaitEnd();
            }
            for (; tokens.hasNext(); tokens.next()) {
                count++;
            }
            long[] end = {System.nanoTime()};
            GenerationResult finish = stream.finish();
            if (finish.reason() != FinishReason.MAX_TOKENS) {
                return new LoadOutcome.Failed("the engine ended with " + finish.reason());
            }
            int[] depths = finish.depths();
            return new LoadOutcome.Answered(
                    end, count, Arrays.stream(depths).asLongStream().sum(), depths.length, finish.cachedTokens());
        }
    }
}
