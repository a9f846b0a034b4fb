package dev.saiki.rollout.pair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.http.Json;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestKindTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1/chat/completions | {'messages':[]}                                              | CHAT",
                "/v1/chat/completions | {'tools':[]}                                                 | CHAT",
                "/v1/completions      | {'prompt':'a'}                                               | COMPLETION",
                "/v1/responses        | {'input':'a','text':{'format':{'type':'text'}}}              | RESPONSE",
                "/v1/responses        | {'input':'a','text':{'format':{'type':'json_schema'}}}       | STRUCTURED",
                "/v1/chat/completions | {'response_format':{'type':'json_object'}}                   | STRUCTURED",
                "/v1/chat/completions | {'tools':[{}],'response_format':{'type':'json_object'}}      | TOOLS"
            },
            quoteCharacter = '"')
    void itIsWhatIsAskedFor(String path, String fields, RequestKind kind) {
        assertThat(RequestKind.of(path, Json.read(fields.replace('\'', '"').getBytes(StandardCharsets.UTF_8))))
                .isEqualTo(kind);
    }
}
