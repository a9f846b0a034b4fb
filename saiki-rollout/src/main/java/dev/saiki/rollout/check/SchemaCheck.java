package dev.saiki.rollout.check;

import dev.saiki.io.InputException;
import dev.saiki.rollout.pair.BoundedSchema;
import dev.saiki.rollout.pair.Outcome;
import tools.jackson.core.JacksonException;

/// A check against a JSON schema: an answer that is not JSON, or does not match, has loss 1.
public final class SchemaCheck implements LossCheck {

    private final String json;
    private final BoundedSchema schema;

    private SchemaCheck(String json, BoundedSchema schema) {
        this.json = json;
        this.schema = schema;
    }

    /// Reads a schema.
    ///
    /// @param json a schema, of draft 2020-12 unless it names another
    /// @return the check
    /// @throws InputException if the schema is not JSON
    public static SchemaCheck of(String json) {
        try {
            return new SchemaCheck(json, new BoundedSchema(json));
        } catch (RuntimeException e) {
            throw new InputException("the schema cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public String toString() {
        return json;
    }

    @Override
    public double loss(Outcome.Answered answer) {
        return fits(answer.text()) ? 0 : 1;
    }

    /// Tells whether a text is a good answer.
    ///
    /// @param text the text of an answer
    /// @return whether the text is JSON that fits the schema
    public boolean fits(String text) {
        try {
            return schema.fits(text);
        } catch (IllegalArgumentException | JacksonException noJson) {
            return false;
        }
    }
}
