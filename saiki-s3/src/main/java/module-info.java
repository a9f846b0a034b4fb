/// Object storage with the S3 protocol, in the only module that depends on the AWS SDK.
@SuppressWarnings("module") // The digit is part of the protocol's name.
@org.jspecify.annotations.NullMarked
module dev.saiki.s3 {
    requires static transitive org.jspecify;
    requires dev.saiki.io;
    requires software.amazon.awssdk.awscore;
    requires software.amazon.awssdk.core;
    requires software.amazon.awssdk.http;
    requires software.amazon.awssdk.http.urlconnection;
    requires software.amazon.awssdk.regions;
    requires software.amazon.awssdk.retries;
    requires software.amazon.awssdk.retries.api;
    requires software.amazon.awssdk.services.s3;

    provides dev.saiki.io.storage.ObjectStoreProvider with
            dev.saiki.s3.S3Provider;
}
