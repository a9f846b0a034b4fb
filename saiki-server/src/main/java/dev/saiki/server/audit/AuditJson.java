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

    /// Writes a record.
    ///
    /// @param record the record
    /// @return an object whose keys are the names of the record's components in snake case
    public static ObjectNode of(AuditRecord record) {
        return MAPPER.valueToTree(record);
    }

    /// Writes a row of a summary.
    ///
    /// @param line the line
    /// @return an object
    public static ObjectNode of(AuditSummary line) {
        return MAPPER.valueToTree(line);
    }

    static byte[] bytes(AuditRecord record) {
        return MAPPER.writeValueAsBytes(record);
    }

    /// Reads what {@link #bytes} wrote.
    static AuditRecord read(byte[] bytes) {
        return MAPPER.readValue(bytes, AuditRecord.class);
    }
}
