package dev.saiki.engine.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// What is left of schemas that cannot be followed in all they say.
class SchemaSubsetTest {

    private static final JsonMapper JSON = new JsonMapper();

    private static JsonNode subset(String schema) {
        return TextConstraint.subsetOf(JSON.readTree(schema));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{\"type\":\"integer\",\"minimum\":1,\"maximum\":9,\"format\":\"int32\"} | {\"type\":\"integer\"}",
                "{\"type\":\"string\",\"format\":\"uri\",\"minLength\":3} | {\"type\":\"string\",\"minLength\":3}",
                "{\"type\":\"string\",\"format\":\"date\",\"minLength\":3} | {\"type\":\"string\",\"format\":\"date\"}",
                "{\"type\":\"string\",\"pattern\":\"^a+$\",\"maxLength\":3} | {\"type\":\"string\",\"pattern\":\"^a+$\"}",
                "{\"type\":\"string\",\"pattern\":\"a\"} | {\"type\":\"string\"}",
                "{\"type\":\"string\",\"pattern\":\"^(?=a)$\",\"maxLength\":3} | {\"type\":\"string\",\"maxLength\":3}",
                "{\"oneOf\":[{\"minimum\":1},{\"type\":\"null\"}]} | {\"anyOf\":[{},{\"type\":\"null\"}]}",
                "{\"enum\":[1,2],\"minimum\":1,\"type\":\"integer\"} | {\"enum\":[1,2]}",
                "{\"allOf\":[{\"type\":\"null\",\"not\":{}}]} | {\"type\":\"null\"}",
                "{\"$defs\":{\"a\":true},\"allOf\":[{\"$ref\":\"#/$defs/a\"}]} | {\"$defs\":{\"a\":true},\"$ref\":\"#/$defs/a\"}",
                "{\"properties\":{\"a\":true},\"allOf\":[{\"type\":\"null\"}]} | {\"properties\":{\"a\":true}}",
                "{\"allOf\":[{},{}],\"type\":\"array\",\"uniqueItems\":true} | {\"type\":\"array\"}",
                "{\"type\":\"array\",\"items\":{\"multipleOf\":2}} | {\"type\":\"array\",\"items\":{}}",
                "{\"prefixItems\":[{\"not\":{}},true]} | {\"prefixItems\":[{},true]}",
                "{\"$ref\":\"#/$defs/a\",\"not\":{},\"$defs\":{\"a\":{\"not\":{}}}} | {\"$defs\":{\"a\":{}},\"$ref\":\"#/$defs/a\"}",
                "{\"type\":\"object\",\"properties\":{\"a\":{\"minimum\":1}},\"required\":[\"a\",\"b\"],"
                        + "\"patternProperties\":{}} "
                        + "| {\"properties\":{\"a\":{}},\"type\":\"object\",\"required\":[\"a\"]}",
                "{\"not\":{}} | {}",
                "true | true",
                "[1] | [1]",
            })
    void whatCannotBeFollowedGoes(String schema, String left) {
        assertThat(subset(schema)).isEqualTo(JSON.readTree(left));
    }

    @Test
    void whatIsLeftIsFollowedAndAllowsWhatTheSchemaDoes() {
        String schema = """
                {"type":"object","required":["age","site"],"properties":{
                  "age":{"type":"integer","minimum":0,"maximum":120},
                  "site":{"type":"string","format":"uri"},
                  "size":{"oneOf":[{"type":"number","exclusiveMinimum":0},{"type":"null"}]}}}""";
        assertThatThrownBy(() -> TextConstraint.jsonSchema(JSON.readTree(schema)))
                .isInstanceOf(InputException.class);
        Grammar grammar = TextConstraint.jsonSchema(subset(schema)).grammar();
        assertThat(Walks.matches(grammar, "{\"age\":7,\"site\":\"http://a\",\"size\":null}"))
                .isTrue();
        assertThat(Walks.matches(grammar, "{\"age\":7}")).isFalse();
        assertThat(Walks.matches(grammar, "{\"age\":\"x\",\"site\":\"a\"}")).isFalse();
    }

    @Test
    void aSchemaThatCanBeFollowedAllowsTheSameAsBefore() {
        String schema = """
                {"type":"object","required":["a"],"additionalProperties":false,"$defs":{"n":{"type":"null"}},"properties":{
                  "a":{"anyOf":[{"$ref":"#/$defs/n"},{"type":"string","pattern":"^b*$"}]},
                  "c":{"type":"array","items":{"enum":[1,2]},"minItems":1,"maxItems":2}}}""";
        for (JsonNode either : new JsonNode[] {JSON.readTree(schema), subset(schema)}) {
            Grammar grammar = TextConstraint.jsonSchema(either).grammar();
            for (String text : new String[] {"{\"a\":null}", "{\"a\":\"bb\",\"c\":[1,2]}"}) {
                assertThat(Walks.matches(grammar, text)).as(text).isTrue();
            }
            for (String text : new String[] {"{}", "{\"a\":\"c\"}", "{\"a\":null,\"c\":[]}", "{\"a\":null,\"d\":1}"}) {
                assertThat(Walks.matches(grammar, text)).as(text).isFalse();
            }
        }
    }

    @Test
    void depthIsNoDanger() {
        String deep = "{\"items\":".repeat(400) + "{}" + "}".repeat(400);
        assertThatCode(() -> subset(deep)).doesNotThrowAnyException();
    }
}
