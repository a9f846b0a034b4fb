package dev.saiki.server.audit;

import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The JSON form of audit records in the spool, over HTTP, and on the command line.
public final class AuditJson {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    private AuditJson() {}

    /// Writes an audit record, or a row of a summary.
    ///
    /// @param row the record or the row
    /// @return an object whose keys are the names of the record's components in snake case
    public static ObjectNode of(Record row) {
        return MAPPER.valueToTree(row);
    }

    static byte[] bytes(AuditRecord record) {
        return MAPPER.writeValueAsBytes(record);
    }

    /// Reads an audit record that {@link #bytes} wrote.
    static AuditRecord read(byte[] bytes) {
        return MAPPER.readValue(bytes, AuditRecord.class);
    }
}
