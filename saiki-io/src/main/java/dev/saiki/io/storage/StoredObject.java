package dev.saiki.io.storage;

/// An entry in a listing of object storage.
///
/// @param key the name of the object in the bucket
/// @param bytes the length of the object
/// @param version the entity tag, which changes with the content
public record StoredObject(String key, long bytes, String version) {}
