package dev.saiki.engine.constraint;

import tools.jackson.databind.JsonNode;

/// A JSON Schema that constrains a text.
///
/// @param schema the schema
/// @param strict whether a schema with a keyword that cannot be enforced is rejected; otherwise such keywords
///     are ignored
public record JsonForm(JsonNode schema, boolean strict) {}
