//SOURCES ../base/package-info.java
//SOURCES AwsSdk.java
//SOURCES Bucket.java
//SOURCES Multipart.java
//SOURCES RangeStream.java
//SOURCES S3Address.java
//SOURCES S3Client.java
//SOURCES S3Failure.java
//FILES avdaily/s3/aws-sdk.sha256=aws-sdk.sha256

/**
 * Object storage that speaks S3, by the AWS SDK, which is fetched with its first use. The room promises that an object
 * is never overwritten, and that what is read is the object that was asked for, to its last byte. It knows no backup.
 */
package avdaily.s3;
