package dev.saiki.engine.constraint;

import tools.jackson.databind.JsonNode;

/// A JSON Schema that constrains a text.
///
/// @param schema the schema
/// @param strict whether the schema is rejected if a keyword cannot be enforced; otherwise such keywords are
///     ignored
public record JsonForm(JsonNode schema, boolean strict) {}
