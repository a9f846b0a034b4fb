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

/// Texts that are drawn from a schema's rules, judged by a JSON parser and a validator of JSON Schema.
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
            })
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
                "{\"minimum\":1} | minimum is not supported",
                "{\"type\":\"text\"} | type must be one of array, boolean",
                "{\"type\":\"object\",\"required\":[\"x\"]} | a name must be one of properties, got x",
                "{\"$ref\":\"#/$defs/x\"} | $ref must be a place in this schema, got #/$defs/x",
                "{\"$ref\":\"other.json\"} | a place in this schema such as",
                "{\"$ref\":\"#\"} | refers to itself with nothing between",
                "{\"anyOf\":[{\"$ref\":\"#\"},{\"type\":\"null\"}]} | refers to itself with nothing between",
                "{\"type\":\"array\",\"minItems\":3,\"maxItems\":2} | minItems must be at most maxItems 2, got 3",
                "{\"type\":\"string\",\"maxLength\":1000000} | maxLength must be a whole number in [0, 10000]",
                "{\"type\":\"string\",\"pattern\":\"a\"} | pattern must be bound by ^ and $",
                "{\"type\":\"string\",\"pattern\":\"^(?=a)$\"} | #/pattern: regular expression has a group",
                "{\"type\":\"string\",\"format\":\"email\"} | format must be one of date, date-time, time, uuid",
                "{\"enum\":[]} | a list of at least one",
                "{\"const\":1,\"anyOf\":[true]} | anyOf beside const is not supported",
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
        String large = "{\"enum\":[\"" + "x".repeat(60_000) + "\"]}";
        assertThatThrownBy(() -> grammar(large))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("rules");
    }
}
