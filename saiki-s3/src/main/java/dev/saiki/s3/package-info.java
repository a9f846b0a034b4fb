/// Object storage with S3's protocol behind the interface of `dev.saiki.io.storage`, by the AWS SDK for Java.
///
/// Endpoint, region and credentials come from where the SDK and other tools look for them: the environment
/// (`AWS_ENDPOINT_URL_S3`, `AWS_REGION`, `AWS_ACCESS_KEY_ID` …), `~/.aws`, or the machine's own role.
/// Nothing here reads a credential or writes one down.
package dev.saiki.s3;
