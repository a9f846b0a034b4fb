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

/// The limits on requests and tokens per minute of each key, as steadily refilled buckets.
///
/// A request is admitted unless a bucket of its key is empty. Its tokens are deducted at the end, so that the
/// length of an answer need not be estimated. The balance may become negative; the next request is admitted once
/// the balance is positive again.
///
/// @param buckets the buckets that count requests and tokens
public record RateLimits(BucketSource buckets) implements Filter {

    private static final int SECONDS_A_MINUTE = 60;
    private static final double NANOS_A_SECOND = 1e9;
    private static final String REQUESTS = "requests";
    private static final String TOKENS = "tokens";

    @Override
    public void filter(Request request, Endpoint next) {
        enter(request.caller(), request.exchange());
        try {
            next.answer(request);
        } finally {
            request.entry().spending().ifPresent(spending -> pay(request.caller(), spending));
        }
    }

    /// Admits a request, and reports the remaining budget in headers.
    ///
    /// @throws ApiException with status 429 if the request's key has reached a limit
    private void enter(Caller caller, Exchange exchange) {
        if (caller.key().isEmpty()) {
            return;
        }
        ApiKey key = caller.key().get();
        // Checks tokens first, so that a request refused for lack of tokens does not count against the limit on
        // requests.
        key.tokensAMinute().ifPresent(most -> requireTokens(exchange, new BucketId(key.name(), TOKENS, most)));
        key.requestsAMinute().ifPresent(most -> takeRequest(exchange, new BucketId(key.name(), REQUESTS, most)));
    }

    private void requireTokens(Exchange exchange, BucketId id) {
        EstimationProbe room = buckets.with(id, bucket -> bucket.estimateAbilityToConsume(1));
        announce(exchange, id, room.getRemainingTokens());
        if (!room.canBeConsumed()) {
            throw refusal(id, room.getNanosToWaitForRefill());
        }
    }

    private void takeRequest(Exchange exchange, BucketId id) {
        ConsumptionProbe taken = buckets.with(id, bucket -> bucket.tryConsumeAndReturnRemaining(1));
        announce(exchange, id, taken.getRemainingTokens());
        if (!taken.isConsumed()) {
            throw refusal(id, taken.getNanosToWaitForRefill());
        }
    }

    /// OpenAI's headers, which clients evaluate.
    private static void announce(Exchange exchange, BucketId id, long left) {
        double untilFull = (double) SECONDS_A_MINUTE * (id.aMinute() - left) / id.aMinute();
        exchange.setHeader("x-ratelimit-limit-" + id.what(), Long.toString(id.aMinute()));
        exchange.setHeader("x-ratelimit-remaining-" + id.what(), Long.toString(Math.max(0, left)));
        exchange.setHeader("x-ratelimit-reset-" + id.what(), String.format(Locale.ROOT, "%.3fs", untilFull));
    }

    private static ApiException refusal(BucketId id, long nanosToWait) {
        long seconds = Math.max(1, (long) Math.ceil(nanosToWait / NANOS_A_SECOND));
        return ApiException.limited(
                "this key has used up its limit of " + id.aMinute() + " " + id.what() + " a minute",
                Duration.ofSeconds(seconds));
    }

    /// Deducts the cost of a request.
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
