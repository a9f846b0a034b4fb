package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import com.networknt.schema.InputFormat;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Schemas in the style of other projects' libraries, which bind answers completely.
class SchemasTest {

    private static final int SEEDS = 4;

    @TempDir
    private static Path folder;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.in(folder);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                // zod 4: integers, numbers, and formats with patterns
                """
                {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{
                 "any":{"type":"integer","minimum":-9007199254740991,"maximum":9007199254740991},
                 "small":{"type":"integer","exclusiveMinimum":0,"maximum":9,"multipleOf":3},
                 "share":{"type":"number","minimum":0,"exclusiveMaximum":1}},
                 "required":["any","small","share"],"additionalProperties":false}""",
                """
                {"type":"object","properties":{"id":{"type":"string","format":"uuid","pattern":"^([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-[1-8][0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12}|00000000-0000-0000-0000-000000000000)$"},
                 "code":{"type":"string","minLength":4,"maxLength":6,"pattern":"^[A-Z]+$"}},
                 "required":["id","code"],"additionalProperties":false}""",
                // zod 4: a union that is told apart by a constant
                """
                {"type":"object","properties":{"pet":{"oneOf":[
                 {"type":"object","properties":{"kind":{"type":"string","const":"cat"},"lives":{"type":"integer","minimum":1,"maximum":9}},"required":["kind","lives"],"additionalProperties":false},
                 {"type":"object","properties":{"kind":{"type":"string","const":"dog"},"good":{"type":"boolean"}},"required":["kind","good"],"additionalProperties":false}]}},
                 "required":["pet"],"additionalProperties":false}""",
                // Pydantic: a part by reference within allOf, and one that may be missing
                """
                {"$defs":{"Pet":{"properties":{"name":{"maxLength":4,"minLength":1,"title":"Name","type":"string"}},"required":["name"],"title":"Pet","type":"object","additionalProperties":false}},
                 "properties":{"pet":{"allOf":[{"$ref":"#/$defs/Pet"}]},"other":{"anyOf":[{"$ref":"#/$defs/Pet"},{"type":"null"}]}},
                 "required":["pet","other"],"title":"Owner","type":"object","additionalProperties":false}""",
                // The generator that Spring AI and LangChain4j use
                """
                {"$schema":"https://json-schema.org/draft/2020-12/schema","type":"object","properties":{
                 "count":{"type":"integer","format":"int32","minimum":1,"maximum":5},
                 "colour":{"type":"string","enum":["RED","GREEN"]},"link":{"type":"string","format":"uri","maxLength":40}},
                 "required":["count","colour","link"],"additionalProperties":false}"""
            })
    void allThatASchemaSaysBinds(String schema) {
        Schema validator = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12)
                .getSchema(schema, InputFormat.JSON);
        for (int seed = 0; seed < SEEDS; seed++) {
            String answer = server.post(
                            "/v1/chat/completions",
                            "{\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"seed\":" + seed
                                    + ",\"response_format\":{\"type\":\"json_schema\",\"json_schema\":"
                                    + "{\"name\":\"a\",\"strict\":true,\"schema\":" + schema + "}}}")
                    .succeeds()
                    .at("/choices/0/message/content")
                    .stringValue();
            assertThat(validator.validate(
                            answer,
                            InputFormat.JSON,
                            context -> context.executionConfig(config -> config.formatAssertionsEnabled(true))))
                    .as(answer)
                    .isEmpty();
        }
    }
}
