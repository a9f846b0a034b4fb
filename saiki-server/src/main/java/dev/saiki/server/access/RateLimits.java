package dev.saiki.server.access;

import dev.saiki.server.audit.Spending;
import dev.saiki.server.http.ApiException;
import dev.saiki.server.http.Exchange;
import dev.saiki.server.settings.ApiKey;
import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.EstimationProbe;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;

/// The bounds on what each key may ask for in a minute, as buckets that fill steadily: one with requests, one with
/// tokens.
///
/// A request is let in while there are tokens at all, and pays when it is known what it cost, so that nobody has to
/// guess the length of an answer; debts are paid off before the next one is let in.
public final class RateLimits implements Filter {

    private static final int SECONDS_A_MINUTE = 60;
    private static final double NANOS_A_SECOND = 1e9;

    private final Map<ApiKey, Buckets> buckets = new ConcurrentHashMap<>();

    /// Both buckets of a key, and how much they hold.
    private record Buckets(Optional<Bucket> requests, Optional<Bucket> tokens) {
        static Buckets of(ApiKey key) {
            return new Buckets(bucket(key.requestsAMinute()), bucket(key.tokensAMinute()));
        }

        private static Optional<Bucket> bucket(OptionalLong most) {
            return most.isEmpty()
                    ? Optional.empty()
                    : Optional.of(Bucket.builder()
                            .addLimit(limit -> limit.capacity(most.getAsLong())
                                    .refillGreedy(most.getAsLong(), Duration.ofMinutes(1)))
                            .build());
        }
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
        Buckets own = buckets.computeIfAbsent(key, Buckets::of);
        // Tokens first: a request that is refused for them has not used up another one.
        own.tokens()
                .ifPresent(bucket ->
                        requireTokens(exchange, bucket, key.tokensAMinute().orElseThrow()));
        own.requests()
                .ifPresent(bucket ->
                        takeRequest(exchange, bucket, key.requestsAMinute().orElseThrow()));
    }

    private static void requireTokens(Exchange exchange, Bucket bucket, long most) {
        EstimationProbe room = bucket.estimateAbilityToConsume(1);
        tell(exchange, "tokens", bucket, most);
        if (!room.canBeConsumed()) {
            throw refusal("tokens", most, room.getNanosToWaitForRefill());
        }
    }

    private static void takeRequest(Exchange exchange, Bucket bucket, long most) {
        ConsumptionProbe taken = bucket.tryConsumeAndReturnRemaining(1);
        tell(exchange, "requests", bucket, most);
        if (!taken.isConsumed()) {
            throw refusal("requests", most, taken.getNanosToWaitForRefill());
        }
    }

    /// OpenAI's headers, which clients read.
    private static void tell(Exchange exchange, String what, Bucket bucket, long most) {
        long left = bucket.getAvailableTokens();
        double untilFull = (double) SECONDS_A_MINUTE * (most - left) / most;
        exchange.setHeader("x-ratelimit-limit-" + what, Long.toString(most));
        exchange.setHeader("x-ratelimit-remaining-" + what, Long.toString(Math.max(0, left)));
        exchange.setHeader("x-ratelimit-reset-" + what, String.format(Locale.ROOT, "%.3fs", untilFull));
    }

    private static ApiException refusal(String what, long most, long nanosToWait) {
        long seconds = Math.max(1, (long) Math.ceil(nanosToWait / NANOS_A_SECOND));
        return ApiException.limited(
                "this key may ask for " + most + " " + what + " a minute, and has", Duration.ofSeconds(seconds));
    }

    /// Takes what a request has cost.
    private void pay(Caller caller, Spending spending) {
        caller.key()
                .flatMap(key -> buckets.computeIfAbsent(key, Buckets::of).tokens())
                .ifPresent(bucket -> {
                    long tokens = spending.promptTokens() + spending.completionTokens();
                    if (tokens > 0) {
                        bucket.consumeIgnoringRateLimits(tokens);
                    }
                });
    }
}
