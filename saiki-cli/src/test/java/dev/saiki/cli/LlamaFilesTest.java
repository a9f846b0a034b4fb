package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.testkit.TestProcess;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.node.ObjectNode;

/// Files that llama.cpp's own quantizer and converter wrote, imported by Saiki. Runs with `-Pllama`, see {@link
/// LlamaOracleTest}; the converter needs Debian's python3-torch, python3-sentencepiece, python3-yaml and
/// python3-tqdm.
@Tag("llama")
class LlamaFilesTest {

    private static final int POSITIONS = 128;

    /// The model that the converter writes without a head, and that llama.cpp then cannot open.
    private static final String WITHOUT_HEAD = "olmo2, 5 heads of one group, tied";

    @TempDir
    private Path folder = Path.of("");

    static Stream<Arguments> models() {
        return RandomFamilies.all();
    }

    private static int[] ids(int vocabulary) {
        return new Random(9).ints(POSITIONS, 0, vocabulary).toArray();
    }

    private Path imported(Path gguf, String name) {
        Path out = folder.resolve(name);
        CommandRun.of("import", gguf, "--out", out).succeeds();
        return out;
    }

    /// All tensors of the quantizer's files are widened as llama.cpp widens them; Mistral's files have Llama's
    /// form.
    @ParameterizedTest(name = "{0}")
    @MethodSource("models")
    void whatItsQuantizerWroteIsReadAsItWidensIt(String name, ObjectNode json) throws IOException {
        LlamaCpp llama = new LlamaCpp(folder);
        Path model = RandomFamilies.write(folder.resolve("model"), json, 1);
        Path gguf = folder.resolve("model.gguf");
        CommandRun.of("export", "--model", model, "--format", "gguf", "--out", gguf)
                .succeeds();
        Path copied = folder.resolve("copied.gguf");
        llama.quantize(gguf, copied, "f32");
        Parity.assertSameTensors(name, imported(copied, "copied"), model);
        Path small = folder.resolve("small.gguf");
        Path widened = folder.resolve("widened.gguf");
        llama.quantize(gguf, small, "q8_0");
        llama.quantize(small, widened, "f32");
        Path back = imported(small, "back");
        Parity.assertSameNumbers(name + ", q8_0", back, imported(widened, "theirs"));
        // llama.cpp multiplies 8-bit numbers in another way, so it gets the widened numbers.
        int[] ids = ids(RandomFamilies.VOCABULARY);
        Parity.assertAlike(name + ", q8_0", back, ids, llama.logits(widened, ids));
    }

    @ParameterizedTest
    @ValueSource(strings = {"f16", "bf16", "q8_0", "q4_0", "q4_1", "q5_0", "q5_1", "q4_k", "q5_k", "q6_k"})
    void everyNumberFormatIsWidenedAsItDoes(String type) throws IOException {
        LlamaCpp llama = new LlamaCpp(folder);
        ObjectNode json = RandomFamilies.heads(RandomFamilies.plain("llama"), 4, 2, 64)
                .put("intermediate_size", 512)
                .put("num_hidden_layers", 2);
        Path model = RandomFamilies.write(folder.resolve("model"), json, 1);
        Path gguf = folder.resolve("model.gguf");
        CommandRun.of("export", "--model", model, "--format", "gguf", "--out", gguf)
                .succeeds();
        Path small = folder.resolve(type + ".gguf");
        llama.quantize(gguf, small, type);
        Path back = folder.resolve("back-" + type);
        String said = CommandRun.of("import", small, "--out", back).succeeds().out();
        assertThat(said).contains(type.toUpperCase(Locale.ROOT));
        CheckpointDirectory imported = CheckpointDirectory.open(back);
        for (String[] names : List.of(
                new String[] {"token_embd.weight", "model.embed_tokens.weight"},
                new String[] {"output.weight", "lm_head.weight"},
                new String[] {"blk.1.ffn_gate.weight", "model.layers.1.mlp.gate_proj.weight"},
                new String[] {"blk.0.ffn_up.weight", "model.layers.0.mlp.up_proj.weight"},
                new String[] {"blk.0.ffn_down.weight", "model.layers.0.mlp.down_proj.weight"},
                new String[] {"blk.1.attn_output.weight", "model.layers.1.self_attn.o_proj.weight"},
                new String[] {"blk.0.attn_v.weight", "model.layers.0.self_attn.v_proj.weight"})) {
            assertThat(Optional.ofNullable(imported.tensors().get(names[1]))
                            .orElseThrow()
                            .toFloats())
                    .as(names[1])
                    .isEqualTo(llama.widened(small, names[0]));
        }
        // llama.cpp stores rows of queries and keys in another order, so all tensors are compared with a file
        // that it widened.
        Path widened = folder.resolve("widened.gguf");
        llama.quantize(small, widened, "f32");
        Parity.assertSameNumbers(type, back, imported(widened, "theirs"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("models")
    void whatItsConverterWroteIsTheFolderAgain(String name, ObjectNode json) throws IOException {
        LlamaCpp llama = new LlamaCpp(folder);
        Path model = RandomFamilies.write(folder.resolve("model"), json, 2);
        Path gguf = folder.resolve("theirs.gguf");
        llama.convert(model, gguf);
        Path back = imported(gguf, "back");
        Parity.assertSameTensors(name, back, model);
        ModelConfig wanted = ModelConfig.fromJson(
                json.path("model_type").stringValue().equals("mistral")
                        ? json.deepCopy().put("model_type", "llama")
                        : json,
                name);
        assertThat(CheckpointDirectory.open(back).config()).isEqualTo(wanted);
        if (name.equals(WITHOUT_HEAD)) {
            return;
        }
        int[] ids = ids(RandomFamilies.VOCABULARY);
        Parity.assertAlike(name, back, ids, llama.logits(gguf, ids));
    }

    /// A vocabulary trained by SentencePiece gives the same ids through the converter and from the folder.
    @Test
    void aVocabularyOfSentencePieceIsTheSameBothWays() throws IOException, InterruptedException {
        LlamaCpp llama = new LlamaCpp(folder);
        List<String> texts = List.of(
                "Once upon a time, there was a whale.", " two  spaces ", "Zoë 日本 🙂", "a\nb\tc", "Call me Ishmael.");
        Path model = RandomFamilies.write(
                folder.resolve("model"),
                RandomFamilies.plain("llama")
                        .put("vocab_size", 1000)
                        .put("bos_token_id", 1)
                        .put("eos_token_id", 2),
                3);
        train(texts, model.resolve("tokenizer.model"));
        Path gguf = folder.resolve("theirs.gguf");
        llama.convert(model, gguf);
        Path folderIn = folder.resolve("folder");
        CommandRun.of("import", model, "--out", folderIn).succeeds();
        Path ours = folder.resolve("ours.gguf");
        CommandRun.of("export", "--model", folderIn, "--format", "gguf", "--out", ours)
                .succeeds();
        Path back = imported(gguf, "back");
        Tokenizer fromFile = Tokenizer.load(back.resolve("tokenizer.json"));
        Tokenizer fromFolder = Tokenizer.load(folderIn.resolve("tokenizer.json"));
        List<int[]> theirs = llama.tokens(gguf, texts);
        List<int[]> theirsOfOurs = llama.tokens(ours, texts);
        for (int i = 0; i < texts.size(); i++) {
            assertThat(fromFile.encode(texts.get(i))).as(texts.get(i)).isEqualTo(theirs.get(i));
            assertThat(fromFolder.encode(texts.get(i))).as(texts.get(i)).isEqualTo(theirs.get(i));
            assertThat(theirsOfOurs.get(i)).as(texts.get(i)).isEqualTo(theirs.get(i));
        }
        assertThat(fromFile.encodePrompt("a")).isEqualTo(fromFolder.encodePrompt("a"));
        Parity.assertSameTensors("back", back, folderIn);
        assertThat(imported(ours, "again").resolve("tokenizer.json"))
                .hasSameBinaryContentAs(folderIn.resolve("tokenizer.json"));
    }

    private void train(List<String> texts, Path out) throws IOException, InterruptedException {
        Path corpus = folder.resolve("corpus.txt");
        Files.writeString(corpus, Files.readString(Path.of("..", "CONTRIBUTING.md")) + String.join("\n", texts));
        String script = """
                import sys, sentencepiece
                sentencepiece.SentencePieceTrainer.train(
                    input=sys.argv[1], model_prefix=sys.argv[2], model_type="bpe", vocab_size=1000, byte_fallback=True,
                    normalization_rule_name="identity", remove_extra_whitespaces=False, minloglevel=2)
                """;
        String prefix = out.toString().replaceFirst("\\.model$", "");
        TestProcess.Ended python = TestProcess.run(
                Duration.ofMinutes(2), List.of("/usr/bin/python3", "-c", script, corpus.toString(), prefix));
        assertThat(python.exitCode()).as(python.output()).isZero();
        Files.delete(Path.of(prefix + ".vocab"));
    }
}
