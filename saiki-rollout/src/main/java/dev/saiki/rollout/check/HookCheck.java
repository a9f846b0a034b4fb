package dev.saiki.rollout.check;

import dev.saiki.rollout.pair.Outcome;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalDouble;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A check by an HTTP service; it receives `request`, `baseline` and `candidate` as a JSON object, and
/// answers with the candidate's loss minus the baseline's, from -1 to 1.
///
/// @param url the URL of the service
/// @param timeout the time limit for an answer of the service
public record HookCheck(URI url, Duration timeout) implements ComparisonCheck {

    private static final Logger LOG = LoggerFactory.getLogger(HookCheck.class);

    @Override
    public Duration longest() {
        return timeout;
    }

    @Override
    public OptionalDouble difference(String request, Outcome.Answered baseline, Outcome.Answered candidate) {
        try {
            return ComparedJson.difference(RemoteJson.send(
                    url, Optional.empty(), Optional.of(ComparedJson.of(request, baseline, candidate)), timeout));
        } catch (IOException e) {
            LOG.warn("the check at {} failed: {}", url.getHost(), e.getMessage());
            return OptionalDouble.empty();
        }
    }
}
