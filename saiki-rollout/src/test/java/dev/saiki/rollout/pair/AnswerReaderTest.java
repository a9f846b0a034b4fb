package dev.saiki.rollout.pair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.http.Json;
import dev.saiki.http.server.ConnectionLimits;
import dev.saiki.http.server.ExchangeServer;
import dev.saiki.http.server.ListenOptions;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AnswerReaderTest {

    private static Outcome read(String body, boolean isStream) {
        return read(body, isStream, RequestedForm.ANY);
    }

    private static Outcome read(String body, boolean isStream, RequestedForm request) {
        return new Received(
                        200,
                        body.getBytes(StandardCharsets.UTF_8),
                        isStream,
                        Received.Ending.REGULAR,
                        Duration.ZERO,
                        Duration.ZERO)
                .outcome(request);
    }

    private static @Nullable Fault fault(String body, boolean isStream, String request) {
        RequestedForm form = RequestedForm.of(Json.read(request.getBytes(StandardCharsets.UTF_8)));
        return read(body, isStream, form) instanceof Outcome.Failed failed ? failed.fault() : null;
    }

    private static Outcome.Answered answered(String body, boolean isStream) {
        return (Outcome.Answered) read(body, isStream);
    }

    @Test
    void aStreamAndAWholeAnswerSayTheSame() {
        Outcome.Answered whole = answered(
                "{\"id\":\"a\",\"choices\":[{\"message\":{\"content\":\"Hello\",\"tool_calls\":[{\"function\":"
                        + "{\"name\":\"f\",\"arguments\":\"{\\\"b\\\": 1, \\\"a\\\": 2}\"}}]},\"finish_reason\":\"stop\"}],"
                        + "\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}",
                false);
        Outcome.Answered stream = answered(
                "data: {\"id\":\"b\",\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\n"
                        + "data: {\"choices\":[{\"delta\":{\"content\":\"lo\",\"tool_calls\":[{\"index\":0,\"function\":"
                        + "{\"name\":\"f\",\"arguments\":\"{\\\"a\\\":2,\"}}]}}]}\n\n"
                        + "data: {\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":"
                        + "{\"arguments\":\"\\\"b\\\":1}\"}}]},\"finish_reason\":\"stop\"}]}\n\n"
                        + "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":3,\"completion_tokens\":2}}\n\n"
                        + "data: [DONE]\n\n",
                true);
        assertThat(stream).isEqualTo(whole);
        assertThat(whole.comparable()).isEqualTo("Hello\nf {\"a\":2,\"b\":1}");
    }

    @Test
    void aStreamMustBeWhatWasRequested() {
        String whole = "{\"choices\":[{\"message\":{\"content\":\"Hi\"},\"finish_reason\":\"stop\"}]}";
        String stream = "data: " + whole + "\n\ndata: [DONE]\n\n";
        assertThat(fault(stream, true, "{\"stream\":true}")).isNull();
        assertThat(fault(whole, false, "{}")).isNull();
        assertThat(fault(whole, false, "{\"stream\":true}")).isEqualTo(Fault.MALFORMED);
        assertThat(fault(stream, true, "{}")).isEqualTo(Fault.MALFORMED);
    }

    @Test
    void responsesAreReadToo() {
        String output = "\"output\":[{\"type\":\"message\",\"content\":[{\"type\":\"output_text\",\"text\":\"Hi\"}]},"
                + "{\"type\":\"function_call\",\"name\":\"f\",\"arguments\":\"{}\"}],\"usage\":{\"input_tokens\":4}";
        Outcome.Answered whole = answered("{\"id\":\"resp_1\"," + output + "}", false);
        Outcome.Answered stream = answered(
                "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"delta\":\"Hi\"}\n\n"
                        + "data: {\"type\":\"response.completed\",\"response\":{\"id\":\"resp_1\"," + output + "}}\n\n",
                true);
        assertThat(stream).isEqualTo(whole);
        assertThat(whole.comparable()).isEqualTo("Hi\nf {}");
        assertThat(whole.promptTokens()).isEqualTo(4);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            TORN      | data: {"choices":[{"delta":{"content":"Hel"}}]}
            TORN      | data: {"choices":[{"delta":{"content":"Hi"},"finish_reason":"stop"}]}
            MALFORMED | data: {"choices":[{"delta":{"content":"Hel"}}]}~data: {"choices":[{"del
            FAILED    | data: {"error":{}}~data: [DONE]
            EMPTY     | data: {"choices":[{"delta":{"content":" "},"finish_reason":"stop"}],"usage":{}}
            MALFORMED | data: [DONE]
            """)
    void aFaultOfAStreamIsNamed(Fault fault, String stream) {
        assertThat(fault(
                        stream.replace("~", "\n\n"),
                        true,
                        "{\"stream\":true,\"stream_options\":{\"include_usage\":true}}"))
                .isEqualTo(fault);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            MALFORMED | <html> | {}
            MALFORMED | {} | {}
            EMPTY     | {"choices":[{"message":{"content":""},"finish_reason":"stop"}]} | {}
            MALFORMED | {"choices":[{"message":{"content":"no JSON"}}]} | {"response_format":{"type":"json_object"}}
            MALFORMED | {"choices":[{"message":{"content":"text"}}]} | {"tool_choice":"required"}
            """)
    void aFaultOfAWholeAnswerIsNamed(Fault fault, String answer, String request) {
        assertThat(fault(answer, false, request)).isEqualTo(fault);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            f | {\\"at\\":1} | false
            f | {\\"at\\":\\"1\\"} | true
            f | {\\"at\\": | true
            g | {\\"at\\":1} | true
            """)
    void aCallMustBeOfAFunctionOfTheRequestAndFitItsSchema(String name, String arguments, boolean isMalformed) {
        String answer = "{\"choices\":[{\"message\":{\"tool_calls\":[{\"function\":{\"name\":\"" + name
                + "\",\"arguments\":\"" + arguments + "\"}}]}}]}";
        String request = "{\"tools\":[{\"type\":\"function\",\"function\":{\"name\":\"f\",\"parameters\":{\"type\":"
                + "\"object\",\"properties\":{\"at\":{\"type\":\"integer\"}}}}}]}";
        assertThat(fault(answer, false, request)).isEqualTo(isMalformed ? Fault.MALFORMED : null);
        assertThat(fault(answer, false, "{}")).isEqualTo(Fault.MALFORMED);
    }

    @Test
    void aSchemaOfAClientMakesTheGatewayFetchNothing() {
        AtomicInteger fetched = new AtomicInteger();
        ListenOptions local = new ListenOptions("127.0.0.1", 0, ConnectionLimits.DEFAULT, Optional.empty());
        try (ExchangeServer service = ExchangeServer.start(local, exchange -> {
            fetched.incrementAndGet();
            exchange.send(200, Json.CONTENT_TYPE, "{\"type\":\"array\"}".getBytes(StandardCharsets.UTF_8));
        })) {
            String schema = "{\"$ref\":\"http://127.0.0.1:" + service.port() + "/schema\"}";
            String request =
                    "{\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"schema\":" + schema + "}}}";
            assertThat(fault("{\"choices\":[{\"message\":{\"content\":\"{}\"}}]}", false, request))
                    .isNull();
            assertThat(fetched).hasValue(0);
        }
    }

    @Test
    void aPatternOfAClientIsSearchedForABoundedTime() {
        String request = "{\"response_format\":{\"type\":\"json_schema\",\"json_schema\":{\"schema\":{"
                + "\"type\":\"object\",\"properties\":{\"a\":{\"pattern\":\"x*x*x*x*y\"}}}}}}";
        String answer = "{\"choices\":[{\"message\":{\"content\":\"{\\\"a\\\":\\\"%s\\\"}\"}}]}";
        assertThat(fault(answer.formatted("x"), false, request)).isEqualTo(Fault.MALFORMED);
        assertThat(fault(answer.formatted("x".repeat(3_000)), false, request)).isNull();
    }

    @Test
    void anAnswerThatIsCutOffNeedNotFitTheRequest() {
        String answer = "{\"choices\":[{\"message\":{\"content\":\"{\"},\"finish_reason\":\"length\"}]}";
        RequestedForm json = RequestedForm.of(
                Json.read("{\"response_format\":{\"type\":\"json_object\"}}".getBytes(StandardCharsets.UTF_8)));
        assertThat(read(answer, false, json))
                .isInstanceOfSatisfying(
                        Outcome.Answered.class,
                        cut -> assertThat(cut.isCutOff()).isTrue());
    }

    @Test
    void anIdIsFoundInTheBeginning() {
        assertThat(AnswerReader.id(
                        "{\"object\":{\"id\":\"no\"},\"id\":\"yes\",\"more\":\"cut o".getBytes(StandardCharsets.UTF_8),
                        false))
                .contains("yes");
        assertThat(AnswerReader.id("data: {\"id\":\"yes\"}\n\ndata: {cut o".getBytes(StandardCharsets.UTF_8), true))
                .contains("yes");
        assertThat(AnswerReader.id("<html>".getBytes(StandardCharsets.UTF_8), false))
                .isEmpty();
    }
}
