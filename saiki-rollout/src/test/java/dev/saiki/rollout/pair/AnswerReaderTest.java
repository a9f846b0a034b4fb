package dev.saiki.rollout.pair;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class AnswerReaderTest {

    private static Outcome read(String body, boolean isStream) {
        return AnswerReader.read(body.getBytes(StandardCharsets.UTF_8), isStream, Duration.ZERO, Duration.ZERO);
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

    @Test
    void whatBreaksOffOrTellsOfAnErrorIsAFailure() {
        assertThat(read("data: {\"choices\":[{\"delta\":{\"content\":\"Hel\"}}]}\n\n", true))
                .isInstanceOf(Outcome.Failed.class);
        assertThat(read("data: {\"error\":{}}\n\ndata: [DONE]\n\n", true)).isInstanceOf(Outcome.Failed.class);
        assertThat(read("<html>", false)).isInstanceOf(Outcome.Failed.class);
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
