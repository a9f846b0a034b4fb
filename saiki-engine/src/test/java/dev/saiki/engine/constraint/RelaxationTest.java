package dev.saiki.engine.constraint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/// Tests of schemas with keywords that cannot be enforced: the schema is rejected, or the keyword is ignored and
/// reported.
class RelaxationTest {

    private static final JsonMapper JSON = JsonMapper.shared();

    private static JsonForm form(String schema, boolean strict) {
        return new JsonForm(JSON.readTree(schema), strict);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{\"type\":\"array\",\"uniqueItems\":true,\"items\":{\"type\":\"null\"}} | uniqueItems | [null, null] | [1]",
                "{\"type\":\"string\",\"pattern\":\"(?<=a)b\",\"maxLength\":1} | pattern | \"x\" | \"xy\"",
                "{\"type\":\"string\",\"format\":\"iri\"} | format | \"x\" | 1",
                "{\"type\":\"string\",\"pattern\":\"^a$\",\"format\":\"email\"} | format | \"a\" | \"a@b.cd\"",
                "{\"type\":\"string\",\"pattern\":\"^a$\",\"format\":\"iri\"} | format | \"a\" | \"b\"",
                "{\"type\":\"string\",\"pattern\":\"^a$\",\"minLength\":2} | minLength | \"a\" | \"aa\"",
                "{\"type\":\"integer\",\"multipleOf\":10007,\"minimum\":0} | multipleOf | 7 | -7",
                "{\"type\":\"object\",\"properties\":{\"a\":{\"type\":\"null\"}},\"minProperties\":1} | minProperties | {} | {\"a\":1}",
                "{\"oneOf\":[{\"type\":\"integer\"},{\"type\":\"number\",\"maximum\":9}]} | oneOf | 12 | true",
                "{\"not\":{\"type\":\"null\"},\"type\":\"boolean\"} | not | true | null",
                "{\"if\":{},\"then\":{},\"type\":\"null\"} | if, then | null | 1",
                "{\"type\":\"object\",\"patternProperties\":{\"^a\":true},\"additionalProperties\":false} | patternProperties | {} | 1",
                "{\"enum\":[1,2],\"multipleOf\":2} | multipleOf | 1 | 3",
                "{\"anyOf\":[{\"type\":\"null\"},{\"type\":\"array\",\"items\":{\"$ref\":\"#\",\"nullable\":true}}]} | nullable | [[null]] | [1]",
            })
    void whatCannotBindIsRefusedOrLeftOutByName(String schema, String keywords, String taken, String notTaken) {
        assertThatThrownBy(() -> TextConstraint.jsonSchema(form(schema, true)))
                .isInstanceOf(InputException.class)
                .hasMessageMatching("#[^:]*: " + keywords.split(",", -1)[0] + " .*");
        TextConstraint relaxed = TextConstraint.jsonSchema(form(schema, false));
        assertThat(relaxed.relaxed()).isEqualTo(List.of(keywords.split(", ", -1)));
        assertThat(Walks.matches(relaxed.grammar(), taken)).as(taken).isTrue();
        assertThat(Walks.matches(relaxed.grammar(), notTaken)).as(notTaken).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{\"properties\":{\"a\":true,\"b\":true},\"propertyNames\":{\"enum\":[\"a\"]}} | {\"a\":1} | {\"b\":1}",
                "{\"properties\":{\"a\":true},\"propertyNames\":false} | {} | {\"a\":1}",
            })
    void namesOfPropertiesBindThoseThatAreNamedToo(String schema, String taken, String notTaken) {
        TextConstraint strict = TextConstraint.jsonSchema(form(schema, true));
        assertThat(Walks.matches(strict.grammar(), taken)).isTrue();
        assertThat(Walks.matches(strict.grammar(), notTaken)).isFalse();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '\0',
            value = {
                "{\"allOf\":[{\"type\":\"array\",\"prefixItems\":[{\"type\":\"integer\"}]},{\"items\":{\"maximum\":5}}]} | [4] | [6]",
                "{\"type\":\"array\",\"prefixItems\":[true,true],\"allOf\":[{\"prefixItems\":[{\"type\":\"null\"}]}]} | [null,1] | [1,1]",
            })
    void whatSeveralSchemasSayOfAnItemAllBinds(String schema, String taken, String notTaken) {
        TextConstraint strict = TextConstraint.jsonSchema(form(schema, true));
        assertThat(Walks.matches(strict.grammar(), taken)).isTrue();
        assertThat(Walks.matches(strict.grammar(), notTaken)).isFalse();
    }

    @Test
    void aFormatOfZodIsWhatItsPatternSays() {
        TextConstraint strict = TextConstraint.jsonSchema(
                form("{\"type\":\"string\",\"format\":\"cuid\",\"pattern\":\"^c[a-z]{3}$\"}", true));
        assertThat(Walks.matches(strict.grammar(), "\"cabc\"")).isTrue();
        assertThat(Walks.matches(strict.grammar(), "\"dabc\"")).isFalse();
    }

    @Test
    void whatCanBindBindsInAnyCase() {
        String schema = "{\"type\":\"integer\",\"minimum\":1,\"maximum\":9,\"title\":\"n\",\"x-order\":1}";
        TextConstraint relaxed = TextConstraint.jsonSchema(form(schema, false));
        assertThat(relaxed.relaxed()).isEmpty();
        assertThat(Walks.matches(relaxed.grammar(), "0")).isFalse();
        assertThat(TextConstraint.jsonSchema(JSON.readTree(schema)).relaxed()).isEmpty();
    }

    @Test
    void whatIsNotRightIsRefusedInAnyCase() {
        for (String wrong : new String[] {
            "{\"type\":\"text\"}", "{\"$ref\":\"#/$defs/x\"}", "{\"minItems\":3,\"maxItems\":2}", "[1]"
        }) {
            assertThatThrownBy(() -> TextConstraint.jsonSchema(form(wrong, false)))
                    .isInstanceOf(InputException.class);
        }
    }

    @Test
    void ofSeveralSchemasEachIsStrictForItself() {
        Map<String, JsonForm> forms = new LinkedHashMap<>();
        forms.put("say ", form("{\"type\":\"object\",\"minProperties\":2}", false));
        forms.put("save ", form("{\"type\":\"object\"}", true));
        assertThat(TextConstraint.labelledJson(forms).relaxed()).containsExactly("minProperties");
        forms.put("save ", form("{\"type\":\"object\",\"minProperties\":2}", true));
        assertThatThrownBy(() -> TextConstraint.textOrLabelledJson(forms)).hasMessageContaining("minProperties");
    }
}
