package dev.saiki.server;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Fields that other servers support and this one does not: refused if they would change an answer, and
/// accepted otherwise.
class UnsupportedFieldsTest {

    private static final String COMPLETIONS = "/v1/completions";
    private static final String CHAT = "/v1/chat/completions";
    private static final String RESPONSES = "/v1/responses";

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

    private static TestServer.Answer ask(String path, String field) {
        String prompt = switch (path) {
            case CHAT -> "\"messages\":[{\"role\":\"user\",\"content\":\"a\"}],\"max_tokens\":1,";
            case RESPONSES -> "\"input\":\"a\",\"max_output_tokens\":1,";
            default -> "\"prompt\":\"a\",\"max_tokens\":1,";
        };
        return server.post(path, "{" + prompt + field + "}");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            allowed_token_ids              | [0]
            allowed_token_ids              | []
            bad_words                      | ["whale"]
            logits_processors              | ["a.b"]
            typical_p                      | 0.9
            typical_p                      | "0.9"
            repeat_penalty                 | 1.1
            repeat_last_n                  | 0
            tfs_z                          | 0.5
            top_n_sigma                    | 1
            mirostat                       | 2
            dynatemp_range                 | 0.5
            dry_multiplier                 | 0.8
            xtc_probability                | 0.1
            min_keep                       | 2
            samplers                       | ["top_k"]
            n_predict                      | -1
            n_probs                        | 3
            return_tokens                  | true
            lora                           | [{"id":0}]
            grammar                        | "root ::= x"
            json_schema                    | {"type":"object"}
            regex                          | "a+"
            ebnf                           | "root ::= x"
            length_penalty                 | 0.5
            use_beam_search                | true
            best_of                        | 3
            num_beams                      | 4
            num_return_sequences           | 2
            no_repeat_ngram_size           | 3
            do_sample                      | false
            max_new_tokens                 | 5
            min_new_tokens                 | 0
            stop_sequences                 | ["x"]
            guided_json                    | {"type":"object"}
            guided_regex                   | "a+"
            guided_choice                  | ["a","b"]
            guided_grammar                 | "root ::= x"
            guided_whitespace_pattern      | " "
            prompt_logprobs                | 0
            truncate_prompt_tokens         | -1
            add_special_tokens             | true
            skip_special_tokens            | true
            spaces_between_special_tokens  | true
            include_stop_str_in_output     | true
            return_tokens_as_token_ids     | true
            thinking_token_budget          | 7
            suffix                         | "end"
            """)
    void oneThatWouldChangeAnAnswerIsRefused(String field, String value) {
        for (String path : List.of(COMPLETIONS, CHAT, RESPONSES)) {
            ask(path, "\"" + field + "\":" + value).isRefused(field, "not supported");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            chat_template                  | "{{ messages }}"
            documents                      | [{"text":"a"}]
            add_generation_prompt          | false
            continue_final_message         | true
            web_search_options             | {"a":1}
            function_call                  | {"name":"say"}
            functions                      | [{"name":"say"}]
            echo                           | true
            """)
    void oneOfConversationsIsRefusedToo(String field, String value) {
        ask(CHAT, "\"" + field + "\":" + value).isRefused(field, "not supported");
    }

    @Test
    void argumentsOfATemplateAreRefusedWhereNoneIsUsed() {
        ask(CHAT, "\"chat_template_kwargs\":{\"enable_thinking\":false}")
                .isRefused("chat_template_kwargs", "needs the checkpoint's chat template");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            n                              | 2                         | one answer
            echo                           | true                      | not supported
            return_token_ids               | true                      | not supported
            """)
    void oneOfResponsesIsRefusedToo(String field, String value, String fragment) {
        ask(RESPONSES, "\"" + field + "\":" + value).isRefused(field, fragment);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "\"suffix\":\"\",\"bad_words\":[],\"logits_processors\":null,\"chat_template_kwargs\":{}",
                "\"typical_p\":1.0,\"repeat_penalty\":1,\"length_penalty\":1.0,\"tfs_z\":1,\"num_beams\":1",
                "\"mirostat\":0,\"mirostat_tau\":5,\"mirostat_eta\":0.1,\"top_n_sigma\":-1,\"dry_multiplier\":0.0",
                "\"allowed_token_ids\":null,\"prompt_logprobs\":null,\"use_beam_search\":false,\"best_of\":1",
                "\"do_sample\":true,\"add_generation_prompt\":true,\"continue_final_message\":false",
                "\"skip_special_tokens\":false,\"add_special_tokens\":false,\"return_tokens\":false",
                "\"reasoning_effort\":\"none\",\"verbosity\":\"low\",\"function_call\":\"auto\",\"prediction\":{\"type\":\"content\"}",
                "\"reasoning\":{\"effort\":null,\"summary\":null},\"store\":false,\"metadata\":{\"a\":\"b\"}",
                "\"user\":\"me\",\"service_tier\":\"auto\",\"safety_identifier\":\"x\",\"cache_prompt\":true,\"priority\":0"
            })
    void oneThatChangesNothingIsLetThrough(String fields) {
        for (String path : List.of(COMPLETIONS, CHAT, RESPONSES)) {
            ask(path, fields).succeeds();
        }
    }

    /// A name of ours that is mistyped would be ignored; names of other vendors are none of ours.
    @ParameterizedTest
    @CsvSource({
        "efort, effort",
        "Effort, effort",
        "effrot, effort",
        "maxDepth, max_depth",
        "max_dept, max_depth",
        "mindepth, min_depth"
    })
    void aMistypedFieldForDepthIsNamedWithWhatWasMeant(String field, String meant) {
        for (String path : List.of(COMPLETIONS, CHAT, RESPONSES)) {
            ask(path, "\"" + field + "\":1")
                    .isRefused(field, "not a field of this request; did you mean " + meant + "?");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"depth", "max_recursions", "num_recursions"})
    void anotherWordForABoundOnTheDepthIsNamedWithWhatIsMeant(String field) {
        for (String path : List.of(COMPLETIONS, CHAT, RESPONSES)) {
            ask(path, "\"" + field + "\":1")
                    .isRefused(field, "not a field of this request; did you mean max_depth or min_depth?");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"max_length", "min_length", "min_p", "max_time", "effects", "depth_of_field", "top_a"})
    void anUnknownFieldOfOthersIsIgnored(String field) {
        for (String path : List.of(COMPLETIONS, CHAT, RESPONSES)) {
            ask(path, "\"" + field + "\":0.5").succeeds();
        }
    }

    @Test
    void aResponseMayNameTheOneAnswerItHas() {
        ask(RESPONSES, "\"n\":1").succeeds();
    }
}
