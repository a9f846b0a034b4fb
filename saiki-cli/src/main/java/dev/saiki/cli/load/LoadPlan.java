package dev.saiki.cli.load;

import dev.saiki.io.InputException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// The plan of a load: the lengths of its requests, and their arrival times.
///
/// Lengths are drawn from log-normal distributions around their medians, like those of real prompts and answers:
/// most are near the median, and a few are several times as long. No two prompts of one part of the load begin at
/// the same position of the text, unless it is too short; so a prefix cache finds almost nothing.
///
/// @param promptTokens median length of prompts
/// @param tokens median length of answers
/// @param prompts source of the prompts
/// @param context largest number of tokens of a prompt and its answer together
/// @param seed seed of the random numbers; equal seeds give equal loads
public record LoadPlan(int promptTokens, int tokens, PromptSource prompts, int context, long seed) {

    /// Standard deviation of a length's logarithm, at which one length in thirty exceeds three times the median.
    private static final double SPREAD = 0.6;

    private static final long PART_STEP = 0xD1B54A32D192ED03L;

    /// A request and its arrival time.
    ///
    /// @param afterNanos time since the start of the round
    /// @param request the request that arrives
    public record Arrival(long afterNanos, LoadRequest request) {}

    /// Checks that a prompt and an answer of median length fit the context.
    ///
    /// @throws InputException if a median length is below 1, or the two together exceed the context
    public LoadPlan {
        if (promptTokens < 1 || tokens < 1) {
            throw new InputException(
                    "prompts and answers must have at least 1 token, got " + promptTokens + " and " + tokens);
        }
        if (promptTokens + tokens > context) {
            throw new InputException("a prompt of " + promptTokens + " and an answer of " + tokens
                    + " tokens must fit the model's context of " + context);
        }
    }

    /// The random numbers of a part. The seed is hashed first, since seeds that differ by a multiple of the
    /// generator's increment would otherwise produce shifted copies of one sequence, and parts would share
    /// prompts.
    private SplittableRandom random(int part) {
        return new SplittableRandom(new SplittableRandom(seed + PART_STEP * part).nextLong());
    }

    private LoadRequest next(SplittableRandom random, PromptSource.Drawing drawing) {
        int prompt = length(random, promptTokens, context - tokens);
        int answer = length(random, tokens, context - prompt);
        return new LoadRequest(drawing.next(prompt), answer);
    }

    private static int length(SplittableRandom random, int median, int most) {
        double drawn = median * Math.exp(SPREAD * random.nextGaussian());
        return Math.clamp(Math.round(drawn), 1, most);
    }

    /// Draws requests without arrival times.
    ///
    /// @param part number of the part of the load; each part has different requests
    /// @param count the number of requests
    /// @return the requests
    public List<LoadRequest> requests(int part, int count) {
        SplittableRandom random = random(part);
        PromptSource.Drawing drawing = prompts.draw(random);
        return IntStream.range(0, count).mapToObj(_ -> next(random, drawing)).toList();
    }

    /// Draws requests that all arrive at the same time.
    ///
    /// @param part the number of the part of the load
    /// @param count the number of requests
    /// @return the arrivals
    public List<Arrival> burst(int part, int count) {
        return requests(part, count).stream()
                .map(request -> new Arrival(0, request))
                .toList();
    }

    /// Draws requests that arrive at random, like those of many independent users, that is, in a Poisson
    /// process.
    ///
    /// @param part the number of the part of the load
    /// @param rate requests per second
    /// @param time duration within which the requests arrive
    /// @return the arrivals, in order
    public List<Arrival> poisson(int part, double rate, Duration time) {
        SplittableRandom random = random(part);
        PromptSource.Drawing drawing = prompts.draw(random);
        List<Arrival> arrivals = new ArrayList<>();
        double at = random.nextExponential() / rate;
        while (at < time.toNanos() / 1e9) {
            arrivals.add(new Arrival(Math.round(at * 1e9), next(random, drawing)));
            at += random.nextExponential() / rate;
        }
        return arrivals;
    }
}
