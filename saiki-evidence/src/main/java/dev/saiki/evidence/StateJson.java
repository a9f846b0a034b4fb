package dev.saiki.evidence;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/// The stored form of the states of tests: JSON on one line.
final class StateJson {

    private static final JsonMapper MAPPER = JsonMapper.builder()
            .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
            .build();

    private StateJson() {}

    static String write(Record state) {
        return MAPPER.writeValueAsString(state);
    }

    /// Parses the output of {@link #write}.
    ///
    /// @throws IllegalArgumentException if the JSON is malformed
    static <T extends Record> T read(String text, Class<T> type) {
        try {
            return MAPPER.readValue(text, type);
        } catch (JacksonException e) {
            throw new IllegalArgumentException("not the state of a test: " + text, e);
        }
    }
}
