package dev.saiki.rollout.check;

import dev.saiki.rollout.pair.Outcome;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.OptionalDouble;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A check by an HTTP service, which receives `request`, `baseline` and `candidate` as a JSON object and answers with
/// the candidate's loss minus the baseline's, from -1 to 1.
///
/// @param url of the service
/// @param timeout for an answer
public record HookCheck(URI url, Duration timeout) implements Check {

    private static final Logger LOG = LoggerFactory.getLogger(HookCheck.class);

    private static final int OK = 200;

    private static final HttpClient CLIENT =
            HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

    @Override
    public OptionalDouble difference(String request, Outcome.Answered baseline, Outcome.Answered candidate) {
        HttpRequest asked = HttpRequest.newBuilder(url)
                .timeout(timeout)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofByteArray(ComparedJson.of(request, baseline, candidate)))
                .build();
        try {
            HttpResponse<byte[]> response = CLIENT.send(asked, HttpResponse.BodyHandlers.ofByteArray());
            if (response.statusCode() != OK) {
                LOG.warn("the check at {} answered with status {}", url.getHost(), response.statusCode());
                return OptionalDouble.empty();
            }
            return ComparedJson.difference(response.body());
        } catch (IOException e) {
            LOG.warn("the check at {} failed: {}", url.getHost(), e.toString());
            return OptionalDouble.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return OptionalDouble.empty();
        }
    }
}
