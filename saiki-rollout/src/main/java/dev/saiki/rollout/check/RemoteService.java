package dev.saiki.rollout.check;

import dev.saiki.io.InputException;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;

/// A service that the gateway itself calls.
///
/// @param url the address of the service, which may hold a secret
/// @param key the key for the service; empty if the service requires none
/// @param timeout the time limit for an answer
public record RemoteService(URI url, Optional<String> key, Duration timeout) {

    /// Validates the time limit.
    ///
    /// @throws InputException naming the setting, the allowed and the actual value
    public RemoteService {
        InputException.require(timeout.isPositive(), "a service", "timeout", "positive", timeout);
    }

    /// The host alone, since the rest may be secret.
    @Override
    public String toString() {
        return url.getHost();
    }
}
