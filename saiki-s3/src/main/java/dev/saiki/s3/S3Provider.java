package dev.saiki.s3;

import dev.saiki.io.InputException;
import dev.saiki.io.storage.ObjectStore;
import dev.saiki.io.storage.ObjectStoreProvider;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.retry.AwsRetryStrategy;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.regions.providers.DefaultAwsRegionProviderChain;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;

/// The provider of S3 buckets, at Amazon or any other endpoint.
public final class S3Provider implements ObjectStoreProvider {

    private static final Duration CONNECT = Duration.ofSeconds(10);

    /// A connection idle for this time is dropped, and the request is retried.
    private static final Duration SILENCE = Duration.ofSeconds(20);

    private static final int MAX_ATTEMPTS = 10;

    @Override
    public ObjectStore open(String bucket) {
        Optional<String> endpoint = endpoint();
        S3ClientBuilder builder = settings(S3Client.builder(), endpoint.isPresent());
        region(endpoint).ifPresent(builder::region);
        try {
            return new S3ObjectStore(builder.build(), bucket, endpoint.orElse("s3"));
        } catch (SdkClientException e) {
            throw new InputException(
                    "s3://" + bucket + ": no region is set; set AWS_REGION, or AWS_ENDPOINT_URL_S3 for"
                            + " an endpoint other than Amazon's (" + e.getMessage() + ")",
                    e);
        }
    }

    /// Sets a client's addressing style, timeouts and retries.
    ///
    /// @param inPath whether the bucket's name is part of the path; otherwise it is part of the host name, which
    ///     the endpoint's DNS must support
    static S3ClientBuilder settings(S3ClientBuilder builder, boolean inPath) {
        return builder.httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(CONNECT)
                        .socketTimeout(SILENCE))
                .forcePathStyle(inPath)
                .overrideConfiguration(
                        settings -> settings.retryStrategy(AwsRetryStrategy.standardRetryStrategy().toBuilder()
                                .maxAttempts(MAX_ATTEMPTS)
                                .build()));
    }

    /// Finds the endpoint where the SDK finds it: in the environment and in system properties.
    private static Optional<String> endpoint() {
        return Stream.of(
                        System.getProperty("aws.endpointUrlS3"),
                        System.getenv("AWS_ENDPOINT_URL_S3"),
                        System.getProperty("aws.endpointUrl"),
                        System.getenv("AWS_ENDPOINT_URL"))
                .flatMap(S3Provider::stated)
                .findFirst();
    }

    private static Stream<String> stated(@Nullable String value) {
        return value == null || value.isBlank() ? Stream.empty() : Stream.of(value);
    }

    /// Endpoints other than Amazon's seldom require a region, so any region will do if none is set.
    private static Optional<Region> region(Optional<String> endpoint) {
        if (endpoint.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(DefaultAwsRegionProviderChain.builder().build().getRegion());
        } catch (SdkClientException none) {
            return Optional.of(Region.US_EAST_1);
        }
    }
}
