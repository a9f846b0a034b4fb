package dev.saiki.engine.constraint;

import tools.jackson.databind.JsonNode;

/// A JSON Schema that binds a text.
///
/// @param schema the schema
/// @param strict whether all that it says must bind, or it is refused; else what cannot bind is left out
public record JsonForm(JsonNode schema, boolean strict) {}
