package dev.saiki.io.storage;

/// An entry in a listing of object storage.
///
/// @param key its name in the bucket
/// @param bytes its length
/// @param version the entity tag, which changes with the content
public record StoredObject(String key, long bytes, String version) {}
