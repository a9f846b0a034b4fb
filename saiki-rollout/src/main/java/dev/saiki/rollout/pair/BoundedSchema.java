package dev.saiki.rollout.pair;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SchemaRegistryConfig;
import com.networknt.schema.SpecificationVersion;
import java.util.regex.Pattern;

/// A JSON schema of draft 2020-12, unless it names another, whose patterns are searched for a bounded time.
public final class BoundedSchema {

    /// A search that takes too long counts as a match, since no side can be blamed.
    private static final SchemaRegistryConfig BOUNDED = SchemaRegistryConfig.builder()
            .regularExpressionFactory(pattern -> {
                Pattern compiled = Pattern.compile(pattern);
                return value -> BoundedSearch.find(compiled, value, true);
            })
            .build();

    private final Schema schema;

    /// Reads a schema, in a registry of its own: no schema's name stands for the schema of another request.
    ///
    /// @param json the schema
    /// @throws RuntimeException if the schema cannot be read
    public BoundedSchema(String json) {
        schema = SchemaRegistry.withDefaultDialect(
                        SpecificationVersion.DRAFT_2020_12, registry -> registry.schemaRegistryConfig(BOUNDED))
                .getSchema(json, InputFormat.JSON);
    }

    /// Tells whether a text fits.
    ///
    /// @param json a text
    /// @return whether the text fits the schema
    /// @throws RuntimeException if the text is not JSON
    public boolean fits(String json) {
        return schema.validate(json, InputFormat.JSON).isEmpty();
    }
}
