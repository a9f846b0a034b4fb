package dev.saiki.io.storage;

import java.time.Duration;

/// The content of a small object.
///
/// @param text the content, decoded from UTF-8
/// @param version the entity tag, which changes with the content
/// @param age the time since the content was written, by the storage's clock, in whole seconds
public record ObjectContent(String text, String version, Duration age) {}
