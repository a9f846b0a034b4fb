package dev.saiki.engine.constraint;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

/// Tests of schemas that zod 4.6 writes, in which every keyword is enforced.
class ZodSchemasTest {

    private static Grammar grammar(String schema) {
        return TextConstraint.jsonSchema(new JsonForm(JsonMapper.shared().readTree(schema), true))
                .grammar();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '~', quoteCharacter = '`', textBlock = """
            {"type":"string","format":"starts_with","pattern":"^https:\\\\/\\\\/.*"} ~ "https://a" ~ "http://a"
            {"type":"string","format":"ends_with","pattern":".*\\\\.com$"} ~ "a.com" ~ "a.comb"
            {"type":"string","format":"includes","pattern":"a-b"} ~ "xa-by" ~ "ab"
            {"type":"string","format":"includes","allOf":[{"pattern":"^a.*"},{"pattern":".*b$"},{"pattern":"c"}]} ~ "acb" ~ "ab"
            {"type":"string","format":"sha256_hex","pattern":"^[0-9a-fA-F]{8}$"} ~ "0123abcd" ~ "0123abcg"
            {"type":"string","format":"duration","pattern":"^P(?:(\\\\d+W)|(?!.*W)(?=\\\\d|T\\\\d)(\\\\d+Y)?(\\\\d+M)?(\\\\d+D)?(T(?=\\\\d)(\\\\d+H)?(\\\\d+M)?(\\\\d+([.,]\\\\d+)?S)?)?)$"} ~ "P3DT4H" ~ "P3DT"
            {"type":"string","format":"hostname","pattern":"^(?=.{1,253}\\\\.?$)[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?(?:\\\\.[a-zA-Z0-9](?:[-0-9a-zA-Z]{0,61}[0-9a-zA-Z])?)*\\\\.?$"} ~ "a-b.example.org" ~ "-a.org"
            {"type":"string","pattern":"^\\\\p{L}+$"} ~ "aé語" ~ "a1"
            {"type":"string","format":"emoji","pattern":"^(?=[\\\\s\\\\S]*[\\\\p{Extended_Pictographic}\\\\p{Regional_Indicator}\\\\u20E3])[\\\\p{Extended_Pictographic}\\\\p{Emoji_Component}]+$"} ~ "😀🐋" ~ "1"
            {"type":"number","minimum":-3.4028234663852886e+38,"maximum":3.4028234663852886e+38} ~ -12.5 ~ 1e39
            {"type":"number","minimum":-1.7976931348623157e+308,"maximum":1.7976931348623157e+308} ~ 0.25 ~ 00
            {"type":"string","format":"jwt"} ~ "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIx.0123456789012345678901234567890123456789012" ~ "a.b.c"
            """)
    void aSchemaBindsAllItSays(String schema, String taken, String refused) {
        Grammar grammar = grammar(schema);
        assertThat(Walks.matches(grammar, taken)).isTrue();
        assertThat(Walks.matches(grammar, refused)).isFalse();
    }

    @Test
    void emojiHaveOneAtLeast() {
        String pattern = "^(?=[\\s\\S]*[\\p{IsExtended_Pictographic}\\x{1F1E6}-\\x{1F1FF}\\u20E3])"
                + "[\\p{IsExtended_Pictographic}\\p{IsEmoji_Component}]+$";
        Grammar grammar = TextConstraint.regex(pattern.replace("\\x{1F1E6}-\\x{1F1FF}", "\\p{Regional_Indicator}")
                        .replace("{Is", "{"))
                .grammar();
        Random random = new Random(5);
        for (int i = 0; i < 200; i++) {
            Walks.random(grammar, random)
                    .ifPresent(text ->
                            assertThat(new String(text, StandardCharsets.UTF_8)).matches(pattern));
        }
    }
}
