package dev.saiki.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.argumentSet;

import dev.saiki.io.AtomicFiles;
import dev.saiki.io.DirectoryLock;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/// Unusable input is refused in one clear line, with exit code 2.
class WrongInputTest {

    @TempDir
    static Path folder = Path.of("");

    private static Workbench bench = new Workbench(folder);

    @BeforeAll
    static void makeAWorld() {
        bench = Workbench.in(folder);
    }

    // ---- missing files -------------------------------------------------------------------------------------------

    @Test
    void missingFilesAreNamed() {
        Path nowhere = folder.resolve("nowhere");
        CommandRun.of("describe", "--recipe", folder.resolve("recpie.yaml"))
                .isRefused("no such recipe", "did you mean " + bench.recipe() + "?");
        CommandRun.of("eval", "score", "--model", bench.model(), "--file", folder.resolve("tokenizer.jsno"))
                .isRefused("did you mean " + bench.tokenizer() + "?");
        CommandRun.of("describe", "--recipe", nowhere).isRefused("nowhere");
        CommandRun.of("describe", "--model", nowhere).isRefused("nowhere");
        CommandRun.of("tokenizer", "train", "--corpus", nowhere, "--vocab-size", 300, "--out", folder.resolve("t.json"))
                .isRefused("nowhere");
        CommandRun.of(
                        "data",
                        "prepare",
                        "--corpus",
                        bench.corpus(),
                        "--tokenizer",
                        nowhere,
                        "--out",
                        folder.resolve("d"))
                .isRefused("nowhere");
        CommandRun.of("train", "--recipe", nowhere, "--out", folder.resolve("r"))
                .isRefused("nowhere");
        train(folder.resolve("r"), "data.dataset=" + nowhere).isRefused("nowhere");
        CommandRun.of("eval", "score", "--model", bench.model(), "--file", nowhere)
                .isRefused("nowhere");
        CommandRun.of("generate", "--model", nowhere, "--prompt", "x").isRefused("nowhere");
        CommandRun.of("eval", "score", "--model", bench.model(), "--text", "")
                .isRefused("from 1 to 64 tokens", "got 0");
        assertThat(folder.resolve("r")).doesNotExist();
    }

    // ---- outputs -------------------------------------------------------------------------------------------------

    @Test
    void anOutputThatCannotBeWrittenIsRefusedBeforeTheWork() throws IOException {
        Path file = Files.createFile(folder.resolve("a-file"));
        CommandRun.of(
                        "eval",
                        "tradeoff",
                        "--model",
                        folder.resolve("none"),
                        "--text",
                        "none",
                        "--out",
                        file.resolve("t.json"))
                .isRefused("t.json: cannot be written, since " + file + " is a file");
        for (List<String> command : List.of(
                List.of("eval", "--tasks", "piqa"),
                List.of("eval", "chat", "--conversations", "none"),
                List.of("audit", "router", "--text", "none"))) {
            List<Object> words = new ArrayList<>(command);
            words.addAll(List.of("--model", folder.resolve("none"), "--out", "/proc/saiki.json"));
            CommandRun.of(words.toArray())
                    .isRefused("/proc/saiki.json: cannot be written, since no file can be created in /proc");
        }
        CommandRun.of("pilot", "--out", "/proc/pilot").isRefused("/proc/pilot: cannot be written");
    }

    @Test
    void resumingARunThatIsNotThereIsRefused() {
        train(folder.resolve("typo"), "data.dataset=" + bench.data(), "--resume")
                .isRefused("typo: no such run to resume", "leave out --resume to start a new run");
        assertThat(folder.resolve("typo")).doesNotExist();
    }

    @Test
    void messagesNameTheOptionAsTyped() {
        CommandRun.of(
                        "tokenizer",
                        "train",
                        "--corpus",
                        bench.corpus(),
                        "--vocab-size",
                        3,
                        "--out",
                        folder.resolve("small.json"))
                .isRefused("--vocab-size must be from 257 to", "got 3");
        train(folder.resolve("layers"), "model.layers=three").isRefused("model.layers", "num_hidden_layers");
    }

    @Test
    void nulCharactersAreReported() throws IOException {
        Path text = Files.writeString(folder.resolve("nul.txt"), "one two three\0 four five\n".repeat(40));
        assertThat(CommandRun.of(
                                "data",
                                "prepare",
                                "--corpus",
                                text,
                                "--tokenizer",
                                bench.tokenizer(),
                                "--out",
                                folder.resolve("with-nul"))
                        .succeeds()
                        .err())
                .contains("documents with NUL characters: 1");
    }

    @Test
    void effortZeroIsOnePassOfEveryModel() {
        Object[] score = {"eval", "score", "--model", bench.model(), "--ids", "1,2,3", "--json", "--effort", 0};
        assertThat(CommandRun.of(score).succeeds().out())
                .contains("\"depth\":1")
                .doesNotContain("\"depth\":2");
    }

    // ---- text ----------------------------------------------------------------------------------------------------

    @Test
    void anEmptyCorpusIsRefused() throws IOException {
        Path emptyFolder = Files.createDirectories(folder.resolve("no-texts"));
        Path emptyFile = Files.createFile(folder.resolve("empty.txt"));
        for (Path corpus : new Path[] {emptyFolder, emptyFile}) {
            String name = String.valueOf(corpus.getFileName());
            CommandRun.of(
                            "tokenizer",
                            "train",
                            "--corpus",
                            corpus,
                            "--vocab-size",
                            300,
                            "--out",
                            folder.resolve("t.json"))
                    .isRefused(name);
            CommandRun.of(
                            "data",
                            "prepare",
                            "--corpus",
                            corpus,
                            "--tokenizer",
                            bench.tokenizer(),
                            "--out",
                            folder.resolve("d"))
                    .isRefused(name);
        }
        CommandRun.of("eval", "score", "--model", bench.model(), "--file", emptyFile)
                .isRefused("from 1 to 64 tokens", "got 0");
    }

    @Test
    void textThatIsNotUtf8IsRefused() throws IOException {
        Path latin = folder.resolve("latin.txt");
        Files.write(latin, new byte[] {'c', 'a', 'f', (byte) 0xe9, '\n'});
        CommandRun.of("tokenizer", "train", "--corpus", latin, "--vocab-size", 300, "--out", folder.resolve("t.json"))
                .isRefused("latin.txt", "UTF-8");
        CommandRun.of(
                        "data",
                        "prepare",
                        "--corpus",
                        latin,
                        "--tokenizer",
                        bench.tokenizer(),
                        "--out",
                        folder.resolve("d"))
                .isRefused("latin.txt", "UTF-8");
        CommandRun.of("eval", "score", "--model", bench.model(), "--file", latin)
                .isRefused("latin.txt", "UTF-8");
        assertThat(folder.resolve("t.json")).doesNotExist();
    }

    // ---- recipes -------------------------------------------------------------------------------------------------

    static Stream<Arguments> recipeMistakes() {
        return Stream.of(
                mistake("unknownKey", "optimizer.learning_rat=1", "optimizer.learning_rat", "learning_rate"),
                mistake("unknownSection", "modle.hidden_size=64", "modle", "model"),
                mistake("headsOfKeysDoNotDivide", "model.num_key_value_heads=3", "num_key_value_heads", "3"),
                mistake("oddHeads", "model.head_dim=15", "head_dim", "15"),
                mistake("noHeads", "model.num_attention_heads=0", "num_attention_heads", "0"),
                mistake("noRecursion", "model.recursion.num_recursions=0", "num_recursions", "0"),
                mistake("moreRecursionsThanLayers", "model.recursion.num_recursions=99", "99"),
                mistake("unknownSharing", "model.recursion.sharing=midle_cycle", "midle_cycle", "middle_cycle"),
                mistake("routedSequence", "model.recursion.sharing=sequence", "sequence"),
                mistake("capacityRises", "model.routing.capacity=[1.0,0.4,0.6]", "capacity"),
                mistake("capacityDoesNotBeginWithAll", "model.routing.capacity=[0.9,0.6,0.3]", "capacity"),
                mistake("capacityOfWrongLength", "model.routing.capacity=[1.0,0.5]", "capacity"),
                mistake("wrongType", "batch.sequences=many", "batch.sequences", "many"),
                mistake("learningRateBelowZero", "optimizer.learning_rate=-1", "learning_rate", "-1"),
                mistake("rowsLongerThanTheContext", "batch.sequence_length=65", "sequence_length", "64", "65"),
                mistake("notAnAssignment", "optimizer.learning_rate", "key=value"));
    }

    private static Arguments mistake(String name, String override, String... fragments) {
        return argumentSet(name, override, fragments);
    }

    @ParameterizedTest
    @MethodSource("recipeMistakes")
    void recipesThatCannotBeRunAreRefused(String override, String[] fragments) {
        CommandRun.of("describe", "--recipe", bench.recipe(), "--set", override).isRefused(fragments);
        Path out = folder.resolve("refused-run");
        train(out, override).isRefused(fragments);
        assertThat(out).doesNotExist();
    }

    @Test
    void allProblemsOfARecipeAreSaidAtOnceALineEach() {
        CommandRun run = CommandRun.of(
                "describe",
                "--recipe",
                bench.recipe(),
                "--set",
                "model.hiden_size=64",
                "model.num_key_value_heads=3",
                "model.routing.gatting=weighted",
                "optimizer.beta1=2",
                "optimizer.beta2=2",
                "batch.sequences=0",
                "metrics.validate_evry=3",
                "precision.compute=bfloat61");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        List<String> lines = run.err().lines().toList();
        assertThat(lines).hasSize(9);
        assertThat(lines.getFirst()).isEqualTo("saiki: --set: 8 problems");
        assertThat(lines.subList(1, lines.size())).allMatch(line -> line.startsWith("  - --set "));
        assertThat(run.err())
                .contains("did you mean hidden_size?", "num_key_value_heads must be", "did you mean gating?")
                .contains("optimizer.beta1 must be", "optimizer.beta2 must be", "batch.sequences must be")
                .contains("did you mean validate_every?", "did you mean bfloat16?");
    }

    @Test
    void mistakesAreLaidAtTheOptionOrAtTheFileThatMadeThem() throws IOException {
        CommandRun.of("describe", "--recipe", bench.recipe(), "--set", "optimizer.learning_rate=-1")
                .isRefused("saiki: --set optimizer.learning_rate=-1: optimizer.learning_rate must be positive, got -1");
        Path nowhere = folder.resolve("nowhere");
        Path bare = folder.resolve("without-model.yaml");
        Files.writeString(bare, Workbench.RECIPE.substring(Workbench.RECIPE.indexOf("optimizer:")));
        CommandRun.of("describe", "--recipe", bare, "--set", "initialisation.from=" + nowhere)
                .isRefused("saiki: --set initialisation.from=" + nowhere + ": " + nowhere + ": no such folder");
        Path recipe = folder.resolve("wrong.yaml");
        Files.writeString(
                recipe, Files.readString(bench.recipe()).replace("learning_rate: 1.0e-3", "learning_rate: -2"));
        CommandRun.of("describe", "--recipe", recipe).isRefused("saiki: " + recipe + ": optimizer.learning_rate must");
        CommandRun both = CommandRun.of("describe", "--recipe", recipe, "--set", "batch.sequences=0");
        assertThat(both.exitCode()).isEqualTo(2);
        assertThat(both.err().lines())
                .hasSize(3)
                .contains("saiki: " + recipe + ": 2 problems")
                .anyMatch(line -> line.startsWith("  - optimizer.learning_rate must be positive"))
                .anyMatch(line -> line.startsWith("  - --set batch.sequences=0: batch.sequences must be"));
    }

    @Test
    void aRecipeThatExtendsNothingThatIsThereIsNamedWithIt() throws IOException {
        Path child = folder.resolve("child.yaml");
        Files.writeString(child, "extends: recpie.yaml\n");
        CommandRun.of("describe", "--recipe", child)
                .isRefused(
                        child + ": extends: " + folder.resolve("recpie.yaml") + ": no such recipe",
                        "did you mean " + bench.recipe() + "?");
        Files.writeString(child, "extends: damaged-parent.yaml\n");
        Files.writeString(folder.resolve("damaged-parent.yaml"), "model: {a\n");
        CommandRun.of("describe", "--recipe", child).isRefused("child.yaml: extends: ", "damaged-parent.yaml: line");
    }

    @Test
    void recipesThatAreNotYamlAreRefused() throws IOException {
        Path recipe = folder.resolve("broken.yaml");
        Files.writeString(recipe, "model: [unclosed\n");
        CommandRun.of("describe", "--recipe", recipe)
                .isRefused("broken.yaml: line", "the text ends inside brackets or quotation marks", "copy the file");
        Files.writeString(recipe, "model:\n  a: 1\n b: 2\n");
        CommandRun.of("describe", "--recipe", recipe)
                .isRefused("broken.yaml: line", "not valid YAML", "correct that line");
        Files.write(recipe, new byte[] {'m', (byte) 0xff, ':'});
        CommandRun.of("describe", "--recipe", recipe).isRefused("broken.yaml");
    }

    // ---- incompatible options ------------------------------------------------------------------------------------

    @Test
    void anotherVocabularyIsRefused() throws IOException {
        train(folder.resolve("v"), "model.vocab_size=512", "data.dataset=" + bench.data())
                .isRefused("vocab_size", "512", "280");
        Path copy = copyOfModel("small-vocabulary");
        Path larger = folder.resolve("larger.json");
        CommandRun.of("tokenizer", "train", "--corpus", bench.corpus(), "--vocab-size", 290, "--out", larger)
                .succeeds();
        Files.copy(larger, copy.resolve("tokenizer.json"), java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        CommandRun.of("generate", "--model", copy, "--prompt", "the").isRefused("vocab", "280");
        train(folder.resolve("v"), "data.dataset=" + bench.data(), "tokenizer.file=" + larger)
                .isRefused("larger.json", "the one that encoded " + bench.data(), "280 tokens", "290 tokens");
        CommandRun.of("eval", "score", "--model", bench.model(), "--ids", "1,280")
                .isRefused("279", "280");
        CommandRun.of("eval", "score", "--model", bench.model(), "--ids", "1,-1")
                .isRefused("-1");
        CommandRun.of("eval", "score", "--model", bench.model(), "--ids", "1", "--max-depth", 9)
                .isRefused("--max-depth must be from 1 to 3, the model's number of recursions, got 9");
    }

    @Test
    void secondRunInOneFolderIsRefused() throws IOException {
        Path run = folder.resolve("taken");
        try (DirectoryLock _ = DirectoryLock.acquire(run)) {
            train(run, "data.dataset=" + bench.data()).isRefused("taken", "another run");
        }
    }

    @Test
    void newRunDoesNotOverwriteAnOldOne() {
        Path run = folder.resolve("old-run");
        train(run, "data.dataset=" + bench.data()).succeeds();
        train(run, "data.dataset=" + bench.data()).isRefused("old-run", "resume");
        CommandRun.of("train", "init", "--recipe", bench.recipe(), "--seed", 1, "--out", run)
                .isRefused("old-run", "not empty");
    }

    @Test
    void whatIsThereIsNotReplacedInSilence() throws IOException {
        Path file = Files.writeString(folder.resolve("dear.json"), "dear");
        CommandRun.of("tokenizer", "train", "--corpus", bench.corpus(), "--vocab-size", 300, "--out", file)
                .isRefused(file + ": the file exists already; choose another name, or remove it yourself");
        CommandRun.of("export", "--model", bench.model(), "--format", "gguf", "--out", file)
                .isRefused(file + ": the file exists already");
        assertThat(file).hasContent("dear");
        Path texts = folder.resolve("other-files");
        Files.createDirectories(texts);
        for (String name : List.of("a.txt", "b.txt", "c.txt", "d.txt")) {
            Files.writeString(texts.resolve(name), name);
        }
        train(texts, "data.dataset=" + bench.data())
                .isRefused(
                        "must be a new or empty folder, or the folder of a run, got a folder with a.txt, b.txt, c.txt and 1 more");
        train(texts, "data.dataset=" + bench.data(), "--resume").isRefused("got a folder with a.txt");
        try (Stream<Path> files = Files.list(texts)) {
            assertThat(files).hasSize(4);
        }
    }

    // ---- damaged and hostile files -------------------------------------------------------------------------------

    static Stream<Arguments> damages() {
        return Stream.of(
                damage("halfIsMissing", bytes -> Arrays.copyOf(bytes, bytes.length / 2)),
                damage("lastByteIsMissing", bytes -> Arrays.copyOf(bytes, bytes.length - 1)),
                damage("empty", bytes -> new byte[0]),
                damage("startsWithNonsense", bytes -> changed(bytes, copy -> Arrays.fill(copy, 0, 64, (byte) 0xee))),
                damage("allZero", bytes -> new byte[bytes.length]),
                damage(
                        "headerSaysItIsHuge",
                        bytes -> changed(
                                bytes,
                                copy -> ByteBuffer.wrap(copy)
                                        .order(ByteOrder.LITTLE_ENDIAN)
                                        .putLong(0, Long.MAX_VALUE))));
    }

    private static Arguments damage(String name, Damage damage) {
        return argumentSet(name, damage);
    }

    /// A change that damages a good file.
    @FunctionalInterface
    interface Damage {
        byte[] apply(byte[] good);
    }

    private static byte[] changed(byte[] bytes, Consumer<byte[]> change) {
        byte[] copy = bytes.clone();
        change.accept(copy);
        return copy;
    }

    @ParameterizedTest
    @MethodSource("damages")
    void damagedWeightsAreRefused(Damage damage) throws IOException {
        Path copy = copyOfModel("damaged-weights");
        rewrite(copy.resolve("model.safetensors"), damage);
        CommandRun.of("describe", "--model", copy).isRefused("model.safetensors");
        CommandRun.of("eval", "score", "--model", copy, "--ids", "1,2").isRefused("model.safetensors");
    }

    @ParameterizedTest
    @MethodSource("damages")
    void damagedTokenizersAreRefused(Damage damage) throws IOException {
        Path copy = folder.resolve("damaged-tokenizer.json");
        Files.copy(bench.tokenizer(), copy, java.nio.file.StandardCopyOption.REPLACE_EXISTING);
        rewrite(copy, damage);
        CommandRun.of("data", "prepare", "--corpus", bench.corpus(), "--tokenizer", copy, "--out", folder.resolve("d"))
                .isRefused("damaged-tokenizer.json");
    }

    @Test
    void filesThatAreCutOffAreSaidToBe() throws IOException {
        Path copy = copyOfModel("cut-off");
        for (String name : List.of("config.json", "tokenizer.json", "manifest.json", "model.safetensors")) {
            byte[] whole = Files.readAllBytes(copy.resolve(name));
            Files.write(copy.resolve(name), Arrays.copyOf(whole, whole.length - 2));
            CommandRun.of("eval", "score", "--model", copy, "--text", "the")
                    .isRefused(name, "truncated", "copy it again or recreate it");
            Files.write(copy.resolve(name), whole);
        }
        Path weights = copy.resolve("model.safetensors");
        byte[] whole = Files.readAllBytes(weights);
        Files.write(weights, Arrays.copyOf(whole, 100));
        CommandRun.of("eval", "score", "--model", copy, "--ids", "1,2")
                .isRefused("the header is truncated", "copy it again");
        Files.write(weights, changed(whole, bytes -> bytes[9] = '}'));
        CommandRun.of("eval", "score", "--model", copy, "--ids", "1,2")
                .isRefused("model.safetensors", "damaged: copy it again");
        Path data = folder.resolve("cut-off-data");
        copyFolder(bench.data(), data);
        byte[] description = Files.readAllBytes(data.resolve("dataset.json"));
        Files.write(data.resolve("dataset.json"), Arrays.copyOf(description, description.length / 2));
        train(folder.resolve("cut-off-run"), "data.dataset=" + data)
                .isRefused("dataset.json", "it ends in the middle", "copy it again");
    }

    @ParameterizedTest
    @MethodSource("damages")
    void damagedShardsAreRefused(Damage damage) throws IOException {
        Path copy = folder.resolve("damaged-data");
        copyFolder(bench.data(), copy);
        rewrite(copy.resolve("train-00000.bin"), damage);
        Path out = folder.resolve("damaged-run");
        train(out, "data.dataset=" + copy).isRefused("train-00000.bin");
        assertThat(out).doesNotExist();
    }

    @Test
    void weightsThatBelongToAnotherModelAreRefused() throws IOException {
        Path copy = copyOfModel("other-shape");
        Path config = copy.resolve("config.json");
        Files.writeString(config, Files.readString(config).replace("\"hidden_size\" : 32", "\"hidden_size\" : 48"));
        assertThat(config).content().contains("48");
        CommandRun.of("describe", "--model", copy).isRefused("shape");
    }

    @Test
    void checkpointsOfANewerVersionAreRefused() throws IOException {
        Path copy = copyOfModel("newer");
        Path manifest = copy.resolve("manifest.json");
        String text = Files.readString(manifest);
        Files.writeString(manifest, text.replaceFirst("\"format_version\" *: *\\d+", "\"format_version\" : 99"));
        CommandRun.of("describe", "--model", copy).isRefused("format_version", "99");
    }

    // ---- options -------------------------------------------------------------------------------------------------

    @Test
    void optionsThatMakeNoSenseAreRefused() {
        CommandRun.of("trian").isRefused("trian", "train");
        CommandRun.of("train", "--recpie", "x").isRefused("--recpie", "did you mean --recipe?");
        CommandRun.of("describe").isRefused("--recipe", "--model");
        CommandRun.of("describe", "--recipe", "a", "--model", "b").isRefused("--recipe", "--model");
        CommandRun.of("eval", "score", "--model", bench.model(), "--ids", "1,two")
                .isRefused("--ids must be a whole number of at most 2147483647, got two");
        CommandRun.of("eval", "score", "--model", bench.model(), "--ids", "1", "--routing", "best")
                .isRefused("--routing must be one of causal, top_k, got best");
        CommandRun.of("eval", "score", "--model", bench.model(), "--ids", "1", "--engine", "cpuu")
                .isRefused("--engine must be one of torch, cpu, got cpuu; did you mean cpu?");
        CommandRun.of("generate", "--model", bench.model(), "--prompt", "a", "--top-p", "most")
                .isRefused("--top-p must be a number, got most");
        CommandRun.of("generate", "--model", bench.model(), "--prompt", "a", "b")
                .isRefused("unexpected value b", "quote a value");
        CommandRun.of("eval", "score", "--model", bench.model(), "--file", bench.model())
                .isRefused("a file, got a folder");
        CommandRun.of("describe", "--recipe", bench.model()).isRefused("a file, got a folder");
        CommandRun.of("serve", "--model", bench.model(), "--api-keys", bench.model())
                .isRefused("a file of keys, got a folder");
        CommandRun.of("serve", "--model", bench.model(), "--otlp", "::").isRefused("--otlp must be a URL", "got ::");
        CommandRun.of("serve", "--model", bench.model(), "--cache-mib", -1)
                .isRefused("--cache-mib must be at least 1, got -1");
        CommandRun.of("serve", "--model", bench.model(), "--breaker-seconds", -1)
                .isRefused("--breaker-seconds must be from 0", "got -1");
        CommandRun.of("bench", "decode", "--model", bench.model(), "--rounds", 0)
                .isRefused("--rounds", "got 0");
        CommandRun.of("bench", "decode", "--model", bench.model(), "--depth-shares", 0.5)
                .isRefused("add up to 1");
        CommandRun.of("bench", "serve", "--url", "x", "--rates", 1).isRefused("--url must be a URL", "got x");
        CommandRun.of("bench", "serve", "--url", "http://127.0.0.1:1", "--rates", 1)
                .isRefused("nothing listens there");
        CommandRun.of("keys").isRefused("saiki keys needs a command: add, list, revoke");
        CommandRun.of("completion").isRefused("SHELL must be one of bash, zsh, got nothing");
        CommandRun.of("completion", "tcsh").isRefused("SHELL must be one of bash, zsh, got tcsh (see");
        CommandRun.of("completion", "zhs").isRefused("got zhs; did you mean zsh?");
        CommandRun.of("describe", "-x").isRefused("unknown option -x");
        CommandRun.of("generate", "--model", bench.model(), "--prompt", "a", "--threads", 100_000)
                .isRefused("--threads must be from 1 to 1024, got 100000");
        CommandRun.of("eval", "score", "--model", bench.model(), "--text", "whale ".repeat(200))
                .isRefused("from 1 to 64 tokens", "shorten it, or score it piece by piece");
        CommandRun.of("serve", "--model", bench.model(), "--port", "http")
                .isRefused("--port must be a whole number", "got http");
        CommandRun.of("eval", "score", "--model", bench.model(), "--ids", "1", "--max-depth", 0)
                .isRefused("--max-depth", "0");
        CommandRun.of("eval", "score", "--model", bench.model(), "--ids", "1", "--effort", 0.5)
                .isRefused("--effort");
        CommandRun.of("generate", "--model", bench.model(), "--prompt", "a", "--temperature", -1)
                .isRefused("temperature", "-1");
        CommandRun.of("generate", "--model", bench.model(), "--prompt", "a", "--top-p", 1.5)
                .isRefused("top_p", "1.5");
        CommandRun.of("generate", "--model", bench.model(), "--prompt", "a", "--max-tokens", 65)
                .isRefused("--max-tokens", "63", "65");
        CommandRun.of(
                        "data",
                        "prepare",
                        "--corpus",
                        bench.corpus(),
                        "--tokenizer",
                        bench.tokenizer(),
                        "--out",
                        folder.resolve("d"),
                        "--validation-fraction",
                        1)
                .isRefused("validation_fraction", "1.0");
        CommandRun.of("tokenizer", "train", "--corpus", bench.corpus(), "--vocab-size", 3, "--out", folder.resolve("t"))
                .isRefused("257", "3");
    }

    @Test
    void optionsThatNeedEachOtherSayWhatToAdd() {
        CommandRun.of("serve", "--model", bench.model(), "--tls-key", "key.pem")
                .isRefused("given together, got one of them; add --tls-certificate FILE, or leave both out");
        CommandRun.of("bench", "decode", "--model", bench.model(), "--aligned-depths")
                .isRefused("--aligned-depths needs --depth-shares, got none; add it, such as");
        CommandRun.of("bench", "serve", "--url", "http://127.0.0.1:1", "--overhead", 2)
                .isRefused("--overhead needs --model", "give --model DIR instead");
        CommandRun.of("verify", "--model", bench.model(), "--against", "x", "--weights", "int8")
                .isRefused("needs --engine cpu, got --engine torch; change one of them");
    }

    @Test
    void theEffortIsRefusedInTheWordsOfItsHelp() throws IOException {
        Path recipe = Files.writeString(
                folder.resolve("dial.yaml"),
                Files.readString(bench.recipe())
                        .replace(
                                "type: expert_choice",
                                "type: expert_threshold\n    effort_grid: [0.2, 0.5, 1.0]\n    default_effort: 0.5"));
        Path model = folder.resolve("dial");
        CommandRun.of(
                        "train",
                        "init",
                        "--recipe",
                        recipe,
                        "--set",
                        "tokenizer.file=" + bench.tokenizer(),
                        "--seed",
                        1,
                        "--out",
                        model)
                .succeeds();
        CommandRun.of("eval", "score", "--model", model, "--ids", "1", "--effort", 0.1)
                .isRefused(
                        "--effort must be 0, which is one pass, or from 0.2, the lowest effort that this model was trained at, to 1, got 0.1");
        assertThat(CommandRun.of("eval", "score", "--help").succeeds().out().replaceAll("\\s+", " "))
                .contains("0 for one pass, or from the lowest effort in training (see `saiki describe`) to 1");
        assertThat(CommandRun.of("describe", "--model", model).succeeds().out()).contains("efforts from 0.2 to 1");
    }

    @Test
    void pilotsThatCannotTellAnythingAreRefused() {
        Path out = folder.resolve("pilot");
        CommandRun.of("pilot", "--minutes", 0, "--out", out).isRefused("minutes", "0.2", "0.0");
        CommandRun.of("pilot", "--corpus", folder.resolve("nowhere"), "--out", out, "--json")
                .isRefusedAfterProgress("nowhere");
        CommandRun.of("pilot", "--corpus", bench.corpus().resolve("text-0.txt"), "--out", folder.resolve("little"))
                .isRefusedAfterProgress("too small");
        CommandRun.of("pilot", "--out", bench.data()).isRefused("choose another --out folder");
    }

    // ---- shared --------------------------------------------------------------------------------------------------

    private static CommandRun train(Path out, String... overrides) {
        List<Object> words = new ArrayList<>(List.of("train", "--recipe", bench.recipe(), "--out", out, "--set"));
        words.addAll(List.of(overrides));
        return CommandRun.of(words.toArray());
    }

    private static Path copyOfModel(String name) throws IOException {
        Path copy = folder.resolve(name);
        copyFolder(bench.model(), copy);
        return copy;
    }

    private static void copyFolder(Path from, Path to) throws IOException {
        AtomicFiles.deleteRecursively(to);
        Files.createDirectories(to);
        try (Stream<Path> files = Files.list(from)) {
            files.forEach(file -> {
                try {
                    Files.copy(file, to.resolve(String.valueOf(file.getFileName())));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
    }

    private static void rewrite(Path file, Damage damage) throws IOException {
        Files.write(file, damage.apply(Files.readAllBytes(file)));
    }
}
