package dev.saiki.server.access;

import dev.saiki.http.ApiException;
import dev.saiki.http.Exchange;
import dev.saiki.http.key.ApiKey;
import dev.saiki.server.access.BucketSource.BucketId;
import dev.saiki.server.audit.Spending;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.EstimationProbe;
import java.time.Duration;
import java.util.Locale;

/// The limits on requests and tokens a minute of each key, as steadily refilled buckets.
///
/// A request is let in while there are tokens at all, and pays when it is known what it cost, so that nobody has to
/// guess the length of an answer; debts are paid off before the next one is let in.
public final class RateLimits implements Filter {

    private static final int SECONDS_A_MINUTE = 60;
    private static final double NANOS_A_SECOND = 1e9;
    private static final String REQUESTS = "requests";
    private static final String TOKENS = "tokens";

    private final BucketSource buckets;

    /// Makes the step that keeps to the bounds.
    ///
    /// @param buckets in which is counted
    public RateLimits(BucketSource buckets) {
        this.buckets = buckets;
    }

    @Override
    public void filter(Request request, Endpoint next) {
        enter(request.caller(), request.exchange());
        try {
            next.answer(request);
        } finally {
            request.entry().spending().ifPresent(spending -> pay(request.caller(), spending));
        }
    }

    /// Lets a request in, and says what is left in headers.
    ///
    /// @throws ApiException with status 429 if its key has asked for as much as it may
    private void enter(Caller caller, Exchange exchange) {
        if (caller.key().isEmpty()) {
            return;
        }
        ApiKey key = caller.key().get();
        // Tokens first: a request that is refused for them has not used up another one.
        key.tokensAMinute().ifPresent(most -> requireTokens(exchange, new BucketId(key.name(), TOKENS, most)));
        key.requestsAMinute().ifPresent(most -> takeRequest(exchange, new BucketId(key.name(), REQUESTS, most)));
    }

    private void requireTokens(Exchange exchange, BucketId id) {
        EstimationProbe room = buckets.with(id, bucket -> bucket.estimateAbilityToConsume(1));
        tell(exchange, id, room.getRemainingTokens());
        if (!room.canBeConsumed()) {
            throw refusal(id, room.getNanosToWaitForRefill());
        }
    }

    private void takeRequest(Exchange exchange, BucketId id) {
        ConsumptionProbe taken = buckets.with(id, bucket -> bucket.tryConsumeAndReturnRemaining(1));
        tell(exchange, id, taken.getRemainingTokens());
        if (!taken.isConsumed()) {
            throw refusal(id, taken.getNanosToWaitForRefill());
        }
    }

    /// OpenAI's headers, which clients read.
    private static void tell(Exchange exchange, BucketId id, long left) {
        double untilFull = (double) SECONDS_A_MINUTE * (id.aMinute() - left) / id.aMinute();
        exchange.setHeader("x-ratelimit-limit-" + id.what(), Long.toString(id.aMinute()));
        exchange.setHeader("x-ratelimit-remaining-" + id.what(), Long.toString(Math.max(0, left)));
        exchange.setHeader("x-ratelimit-reset-" + id.what(), String.format(Locale.ROOT, "%.3fs", untilFull));
    }

    private static ApiException refusal(BucketId id, long nanosToWait) {
        long seconds = Math.max(1, (long) Math.ceil(nanosToWait / NANOS_A_SECOND));
        return ApiException.limited(
                "this key may ask for " + id.aMinute() + " " + id.what() + " a minute, and has",
                Duration.ofSeconds(seconds));
    }

    /// Takes what a request has cost.
    private void pay(Caller caller, Spending spending) {
        long tokens = spending.promptTokens() + spending.completionTokens();
        if (tokens > 0) {
            caller.key()
                    .ifPresent(key -> key.tokensAMinute()
                            .ifPresent(most -> buckets.with(
                                    new BucketId(key.name(), TOKENS, most),
                                    bucket -> bucket.consumeIgnoringRateLimits(tokens))));
        }
    }
}
