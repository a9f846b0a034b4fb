package dev.saiki.engine.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import dev.saiki.io.InputException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// Tests of texts drawn from a schema's rules, checked by a JSON parser and a validator of JSON Schema.
class JsonConstraintTest {

    private static final long SEED = 20261125;
    private static final int TEXTS = 200;
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private static String utf8(byte[] text) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .onMalformedInput(CodingErrorAction.REPORT)
                    .decode(ByteBuffer.wrap(text))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new AssertionError("not UTF-8", e);
        }
    }

    private static Grammar grammar(String schema) {
        return TextConstraint.jsonSchema(JSON.readTree(schema)).grammar();
    }

    @Test
    void whatIsDrawnFromAnyObjectIsAnObject() {
        Random random = new Random(SEED);
        int drawn = 0;
        for (int i = 0; i < TEXTS; i++) {
            Optional<byte[]> text = Walks.random(TextConstraint.jsonObject().grammar(), random);
            if (text.isPresent()) {
                drawn++;
                assertThat(JSON.readTree(utf8(text.get())).isObject())
                        .as("seed %d", SEED)
                        .isTrue();
            }
        }
        assertThat(drawn).isGreaterThan(TEXTS / 2);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"a\":1}",
                "{\"a\": [1, 2.5e-3, -0], \"b\": {\"c\": null}}",
                "{\"é\":\"\\u00e9 \\\"😀\"}",
            })
    void anyObjectTakesEveryObjectOnOneLine(String text) {
        assertThat(Walks.matches(TextConstraint.jsonObject().grammar(), text)).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{",
                "{\"a\":01}",
                "{\"a\":1,}",
                "{a:1}",
                "{\"a\":\"\n\"}",
                "{}}",
                "{\"a\":  1}",
                "{\"\\ud800\":1}"
            })
    void anyObjectTakesNothingElse(String text) {
        assertThat(Walks.matches(TextConstraint.jsonObject().grammar(), text)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                """
                {"type":"object","properties":{"name":{"type":"string","minLength":1,"maxLength":8},
                 "age":{"type":"integer"},"tags":{"type":"array","items":{"enum":["a","b",3,null]},"minItems":1,"maxItems":3}},
                 "required":["name","tags"],"additionalProperties":false}""",
                """
                {"type":"object","properties":{"a":{"type":"boolean"},"b":{"type":["number","null"]},"c":{"const":{"x":[1]}}}}""",
                """
                {"$defs":{"tree":{"type":"object","properties":{"value":{"type":"integer"},
                 "children":{"type":"array","items":{"$ref":"#/$defs/tree"},"maxItems":1}},"required":["value"],
                 "additionalProperties":false}},"$ref":"#/$defs/tree"}""",
                """
                {"anyOf":[{"type":"string","format":"date-time"},{"type":"string","format":"uuid"},
                 {"type":"string","pattern":"^[A-Z]{2}\\\\d+(\\"|\\\\\\\\)?$"}]}""",
                """
                {"type":"array","prefixItems":[{"type":"integer"},{"type":"string","maxLength":2}],"minItems":2}""",
                """
                {"type":"object","additionalProperties":{"type":"integer"}}""",
                """
                {"properties":{"x":true},"required":["x"]}""",
                """
                {"type":"object","properties":{"x":{"type":"null"}},"required":[],"additionalProperties":false}""",
                """
                {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{"age":{"type":"integer","minimum":-9007199254740991,"maximum":9007199254740991},"share":{"type":"number","exclusiveMinimum":0,"maximum":1},"step":{"type":"number","multipleOf":0.25,"minimum":-3},"score":{"type":"integer","exclusiveMinimum":-5,"maximum":120,"multipleOf":3}},"required":["age","share","step","score"],"additionalProperties":false}""",
                """
                {"type":"string","format":"email","pattern":"^(?!\\\\.)(?!.*\\\\.\\\\.)([A-Za-z0-9_'+\\\\-\\\\.]*)[A-Za-z0-9_+-]@([A-Za-z0-9][A-Za-z0-9\\\\-]*\\\\.)+(com|org)$"}""",
                """
                {"type":"string","format":"uuid","pattern":"^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}|00000000-0000-0000-0000-000000000000|ffffffff-ffff-ffff-ffff-ffffffffffff)$"}""",
                """
                {"type":"string","format":"date-time","pattern":"^(?:(?:\\\\d\\\\d[2468][048]|\\\\d\\\\d[13579][26]|\\\\d\\\\d0[48]|[02468][048]00|[13579][26]00)-02-29|\\\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\\\d|30)|(?:02)-(?:0[1-9]|1\\\\d|2[0-8])))T(?:(?:[01]\\\\d|2[0-3]):[0-5]\\\\d(?::[0-5]\\\\d(?:\\\\.\\\\d+)?)?(?:Z))$"}""",
                """
                {"type":"string","format":"base64","contentEncoding":"base64","pattern":"^$|^(?:[0-9a-zA-Z+/]{4})*(?:(?:[0-9a-zA-Z+/]{2}==)|(?:[0-9a-zA-Z+/]{3}=))?$","maxLength":16}""",
                """
                {"type":"string","pattern":"[0-9]{2}","minLength":3,"maxLength":6}""",
                """
                {"type":"string","minLength":2,"maxLength":9,"format":"ipv4"}""",
                """
                {"anyOf":[{"type":"string","format":"uri"},{"type":"string","format":"ipv6"},{"type":"string","format":"hostname"},{"type":"string","format":"duration"},{"type":"string","format":"ipv4"},{"type":"string","format":"time"},{"type":"string","format":"date"}]}""",
                """
                {"oneOf":[{"type":"object","properties":{"kind":{"type":"string","const":"a"},"n":{"type":"integer","minimum":1}},"required":["kind","n"],"additionalProperties":false},{"type":"object","properties":{"kind":{"const":"b"},"s":{"type":"string","maxLength":3}},"required":["kind"]},{"type":"null"}]}""",
                """
                {"type":"object","propertyNames":{"type":"string","enum":["x","y"]},"additionalProperties":{"type":"boolean"},"required":["x"]}""",
                """
                {"type":"object","propertyNames":{"type":"string","pattern":"^[a-z]{1,3}$"},"additionalProperties":{"type":"integer","minimum":0,"maximum":9},"maxProperties":3,"minProperties":1}""",
                """
                {"type":"array","prefixItems":[{"type":"string","maxLength":2},{"type":"integer","maximum":5}],"items":false}""",
                """
                {"allOf":[{"type":"object","properties":{"a":{"type":"integer","minimum":3}},"required":["a"]},{"type":"object","properties":{"a":{"maximum":7},"b":{"type":"string","maxLength":2}},"required":["b"]}]}""",
                """
                {"$defs":{"Pet":{"type":"object","properties":{"name":{"type":"string","minLength":1,"maxLength":4}},"required":["name"],"title":"Pet"}},"type":"object","properties":{"pet":{"allOf":[{"$ref":"#/$defs/Pet"}],"description":"it"},"other":{"anyOf":[{"$ref":"#/$defs/Pet"},{"type":"null"}],"default":null},"size":{"type":"integer","format":"int32"},"rest":{"$ref":"#/$defs/Pet","description":"beside"}},"required":["pet","size"]}""",
                """
                {"type":"object","anyOf":[{"required":["a"],"properties":{"a":{"type":"boolean"}}},{"required":["b"],"properties":{"b":{"type":"null"}}}],"additionalProperties":{"type":["integer","boolean","null"]}}""",
            })
    // The validator accepts only addresses at existing top-level domains.
    void whatIsDrawnFromASchemaIsValid(String schema) {
        Schema validator = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(schema, InputFormat.JSON);
        Grammar grammar = grammar(schema);
        Random random = new Random(SEED);
        int drawn = 0;
        for (int i = 0; i < TEXTS; i++) {
            Optional<byte[]> text = Walks.random(grammar, random);
            if (text.isPresent()) {
                drawn++;
                String json = utf8(text.get());
                JSON.readTree(json);
                assertThat(validator.validate(
                                json,
                                InputFormat.JSON,
                                context -> context.executionConfig(config -> config.formatAssertionsEnabled(true))))
                        .as("seed %d: %s", SEED, json)
                        .isEmpty();
            }
        }
        assertThat(drawn).isGreaterThan(TEXTS / 2);
    }

    /// Some libraries combine the format of times, which requires a zone, with a pattern for times without a zone.
    @Test
    void aPatternMayWantAnotherReadingOfAFormat() {
        Grammar grammar =
                grammar("{\"type\":\"string\",\"format\":\"time\",\"pattern\":\"^(?:[01]\\\\d|2[0-3]):[0-5]\\\\d$\"}");
        assertThat(Walks.matches(grammar, "\"09:30\"")).isTrue();
        assertThat(Walks.matches(grammar, "\"09:30:00Z\"")).isFalse();
    }

    @Test
    void schemasThatHoldAtOnceAreOne() {
        Grammar grammar = grammar("""
                {"allOf":[{"type":["integer","string","null"]},{"anyOf":[{"type":"number","minimum":2},{"type":"string"}]},
                 {"enum":[1,2.0,3,"a",null,true]}]}""");
        for (String text : new String[] {"3", "\"a\""}) {
            assertThat(Walks.matches(grammar, text)).as(text).isTrue();
        }
        for (String text : new String[] {"null", "true", "4"}) {
            assertThat(Walks.matches(grammar, text)).as(text).isFalse();
        }
        Grammar tree = grammar("""
                {"$defs":{"t":{"type":"object","properties":{"next":{"$ref":"#/$defs/t"},"n":{"type":"integer"}},
                 "additionalProperties":false}},"$ref":"#/$defs/t","required":["n"]}""");
        assertThat(Walks.matches(tree, "{\"next\":{\"next\":{}},\"n\":1}")).isTrue();
        assertThat(Walks.matches(tree, "{\"next\":{\"next\":{}}}")).isFalse();
    }

    @Test
    void optionalPropertiesMayBeLeftOutAnywhere() {
        Grammar grammar = grammar("""
                {"type":"object","properties":{"a":{"const":1},"b":{"const":2},"c":{"const":3}},"required":["b"]}""");
        for (String text :
                new String[] {"{\"a\":1,\"b\":2,\"c\":3}", "{\"b\":2}", "{\"a\":1,\"b\":2}", "{\"b\":2,\"c\":3}"}) {
            assertThat(Walks.matches(grammar, text)).as(text).isTrue();
        }
        for (String text : new String[] {"{}", "{\"a\":1}", "{\"c\":3,\"b\":2}", "{,\"b\":2}", "{\"b\":2,}"}) {
            assertThat(Walks.matches(grammar, text)).as(text).isFalse();
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{\"not\":{}} | not is not supported",
                "{\"type\":\"integer\",\"minimum\":2,\"maximum\":1} | minimum is not supported here: no text",
                "{\"type\":\"integer\",\"multipleOf\":0} | multipleOf must be greater than 0",
                "{\"type\":\"integer\",\"multipleOf\":10007} | multipleOf is not supported here",
                "{\"type\":\"number\",\"format\":\"decimal\"} | format of a number must be one of double, float",
                "{\"oneOf\":[{\"type\":\"integer\"},{\"type\":\"number\"}]} | oneOf is supported only if",
                "{\"oneOf\":[{\"type\":\"object\"},{\"required\":[\"a\"]}]} | oneOf is supported only if",
                "{\"allOf\":[{\"type\":\"string\"},{\"type\":\"null\"}]} | no value satisfies the whole schema",
                "{\"enum\":[\"a\",\"b\"],\"pattern\":\"^a$\"} | pattern together with enum",
                "{\"enum\":[\"a\",7],\"minimum\":8,\"minLength\":2} | of the schema's type within the schema's bounds",
                "{\"type\":\"string\",\"format\":\"email\",\"pattern\":\"^a$\"} | format cannot be combined with",
                "{\"type\":\"text\"} | type must be one of array, boolean",
                "{\"type\":\"object\",\"required\":[\"x\"],\"additionalProperties\":false} | a name must be one of properties, got x",
                "{\"$ref\":\"#/$defs/x\"} | $ref must be a place in this schema, got #/$defs/x",
                "{\"$ref\":\"other.json\"} | a place in this schema such as",
                "{\"$ref\":\"#\"} | refers only to itself",
                "{\"anyOf\":[{\"$ref\":\"#\"},{\"type\":\"null\"}]} | refers only to itself",
                "{\"type\":\"array\",\"minItems\":3,\"maxItems\":2} | minItems must be at most maxItems 2, got 3",
                "{\"type\":\"string\",\"maxLength\":1000000} | maxLength must be a whole number in [0, 10000]",
                "{\"type\":\"string\",\"pattern\":\"^(?=a)$\"} | pattern cannot be enforced: no text",
                "{\"type\":\"string\",\"pattern\":\"(?<=a)b\"} | pattern cannot be enforced: regular expression has a group",
                "{\"type\":\"string\",\"format\":\"iri\"} | format must be one of date, date-time, duration, email",
                "{\"enum\":[]} | a list of at least one",
                "[1] | a schema must be an object or true",
            })
    void whatCannotBeKeptIsRefused(String schema, String message) {
        JsonNode read = JSON.readTree(schema);
        assertThatThrownBy(() -> TextConstraint.jsonSchema(read))
                .isInstanceOf(InputException.class)
                .hasMessageContaining(message);
    }

    @Test
    void schemasThatAreTooDeepOrTooLargeAreRefused() {
        String deep = "{\"type\":\"array\",\"items\":".repeat(100) + "true" + "}".repeat(100);
        assertThatThrownBy(() -> grammar(deep))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("nesting");
        String large = "{\"enum\":[\"" + "x".repeat(120_000) + "\"]}";
        assertThatThrownBy(() -> grammar(large))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("rules");
    }
}
