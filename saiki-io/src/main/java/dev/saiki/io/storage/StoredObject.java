package dev.saiki.io.storage;

/// An object in storage, as a listing has it.
///
/// @param key its name in the bucket
/// @param bytes its length
/// @param version changes whenever its content does (the entity tag)
public record StoredObject(String key, long bytes, String version) {}
