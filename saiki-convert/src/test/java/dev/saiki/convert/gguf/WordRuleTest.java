package dev.saiki.convert.gguf;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

final class WordRuleTest {

    private static ObjectNode written(WordRule rule) {
        Tokenizer bytes = BytePairTrainer.train(List.of("a").iterator(), BytePairTrainer.SMALLEST_VOCABULARY);
        ObjectNode root = (ObjectNode) JsonMapper.shared().readTree(bytes.json());
        rule.write(root.putObject("pre_tokenizer"));
        ((ObjectNode) root.path("model")).put("ignore_merges", rule.ignoresMerges());
        if (rule.composes()) {
            root.putObject("normalizer").put("type", "NFC");
        }
        return root;
    }

    @ParameterizedTest
    @EnumSource
    void everyRuleIsReadByTheTokenizerAndFoundAgain(WordRule rule) {
        ObjectNode root = written(rule);
        assertThat(WordRule.of(root)).contains(rule);
        Tokenizer tokenizer = Tokenizer.parse(JsonMapper.shared().writeValueAsBytes(root), rule.llamaName());
        String text = "It's 1851!\n\n  the whale";
        assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
    }

    @Test
    void everyNameHasOneRule() {
        assertThat(WordRule.names())
                .doesNotHaveDuplicates()
                .allSatisfy(name -> assertThat(WordRule.ofName(name)).isPresent());
        assertThat(WordRule.ofName("chameleon")).isEmpty();
    }

    /// As in llama.cpp's table.
    @ParameterizedTest
    @CsvSource({
        "falcon3, LLAMA_3",
        "glm4, GPT_4",
        "exaone4, GPT_2",
        "exaone, DIGITS",
        "seed-coder, SEED",
        "kanana2, GPT_4O",
        "hunyuan, STABLE_LM_2",
        "deepseek-r1-qwen, QWEN_2",
    })
    void namesOfCurrentFilesAreKnown(String name, WordRule rule) {
        assertThat(WordRule.ofName(name)).contains(rule);
    }
}
