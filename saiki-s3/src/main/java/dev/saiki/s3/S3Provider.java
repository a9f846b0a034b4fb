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

/// The provider of buckets with S3's protocol, at Amazon or at any other endpoint.
public final class S3Provider implements ObjectStoreProvider {

    private static final Duration CONNECT = Duration.ofSeconds(10);

    /// A connection that is silent for so long is given up, and what was asked is asked again.
    private static final Duration SILENCE = Duration.ofSeconds(20);

    private static final int MOST_ATTEMPTS = 10;

    @Override
    public ObjectStore open(String bucket) {
        Optional<String> endpoint = endpoint();
        S3ClientBuilder builder = settings(S3Client.builder(), endpoint.isPresent());
        region(endpoint).ifPresent(builder::region);
        try {
            return new S3ObjectStore(builder.build(), bucket, endpoint.orElse("s3"));
        } catch (SdkClientException e) {
            throw new InputException(
                    "s3://" + bucket + ": the region is not known; set AWS_REGION, or AWS_ENDPOINT_URL_S3 for"
                            + " another endpoint than Amazon's (" + e.getMessage() + ")",
                    e);
        }
    }

    /// How patient a client is.
    ///
    /// @param inPath whether the bucket's name is in the path, since a name in front of the host is for
    ///     endpoints whose DNS knows it
    static S3ClientBuilder settings(S3ClientBuilder builder, boolean inPath) {
        return builder.httpClientBuilder(UrlConnectionHttpClient.builder()
                        .connectionTimeout(CONNECT)
                        .socketTimeout(SILENCE))
                .forcePathStyle(inPath)
                .overrideConfiguration(
                        settings -> settings.retryStrategy(AwsRetryStrategy.standardRetryStrategy().toBuilder()
                                .maxAttempts(MOST_ATTEMPTS)
                                .build()));
    }

    /// The endpoint, as the SDK itself finds it in the environment and in the system's properties.
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

    /// Other endpoints seldom ask for one; any will do then.
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
