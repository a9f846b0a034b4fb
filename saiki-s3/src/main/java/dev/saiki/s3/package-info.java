/// Object storage with the S3 protocol behind the interface of `dev.saiki.io.storage`, using the AWS SDK for Java.
///
/// Endpoint, region and credentials come from the SDK's usual sources: the environment (`AWS_ENDPOINT_URL_S3`,
/// `AWS_REGION`, `AWS_ACCESS_KEY_ID` …), `~/.aws`, or the machine's role. The package neither reads nor stores
/// credentials.
package dev.saiki.s3;
