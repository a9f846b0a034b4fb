package dev.saiki.convert;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.provenance.ModelOrigin;
import dev.saiki.checkpoint.provenance.SourceFile;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.convert.foreign.ForeignModel;
import dev.saiki.convert.foreign.TemporaryTensors;
import dev.saiki.convert.gguf.GgufModels;
import dev.saiki.io.GitLfsPointer;
import dev.saiki.io.InputException;
import dev.saiki.io.Problems;
import dev.saiki.io.Suggestions;
import dev.saiki.text.template.CheckpointTemplate;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// An importer of other tools' models.
///
/// The source is a Hugging Face folder or a GGUF file. Anything that cannot be represented exactly is refused, and
/// the message names it. Numbers keep their format, except that matrices of folders quantized by GPTQ, AWQ or FP8
/// get the format of their scales.
public final class ModelImport {

    private static final String TOKENIZER = HuggingFaceModels.TOKENIZER;

    /// The result of an import.
    ///
    /// @param description the model's format, family and number formats, in words
    /// @param config the model
    /// @param tensors the model's tensors; only their names, formats and shapes remain readable
    /// @param hasWeights whether the weights were there; without them, the tensors are those that the configuration
    ///     requires
    /// @param tokenizerSize the tokenizer's number of tokens; empty if there is none
    /// @param hasTemplate whether the model has a chat template
    /// @param templateProblem what keeps this template from being run, if anything does
    public record Imported(
            String description,
            ModelConfig config,
            List<StoredTensor> tensors,
            boolean hasWeights,
            OptionalInt tokenizerSize,
            boolean hasTemplate,
            Optional<String> templateProblem) {}

    private ModelImport() {}

    /// Checks whether a model can be imported, without copying its numbers.
    ///
    /// @param source a file, or a folder, in which the weights may be missing
    /// @return what an import would give
    /// @throws InputException if the source is missing, damaged, or cannot be represented exactly
    /// @throws IOException if reading fails
    public static Imported check(Path source) throws IOException {
        requireReadable(source);
        if (!Files.isDirectory(source)) {
            return checked(GgufModels.read(source, Arena.ofAuto(), (tensor, _) -> tensor), true, source.toString());
        }
        try (TemporaryTensors computed = TemporaryTensors.in(Path.of(System.getProperty("java.io.tmpdir", ".")))) {
            return HuggingFaceModels.lacksWeights(source)
                    ? checked(HuggingFaceModels.readWithoutWeights(source, computed), false, source.toString())
                    : checked(HuggingFaceModels.read(source, computed), true, source.toString());
        }
    }

    private static void requireReadable(Path source) throws IOException {
        if (!Files.exists(source)) {
            throw new InputException(source + ": no such file or folder" + Suggestions.forMissing(source));
        }
        if (!Files.isDirectory(source)) {
            GitLfsPointer.refuse(source);
        }
    }

    /// Imports a model. Only one import into a folder may run at a time.
    ///
    /// @param source a folder or a file
    /// @param out the checkpoint folder to write
    /// @param clock the source of the time in the manifest
    /// @return the result of the import
    /// @throws InputException if the source is missing, damaged, or cannot be represented exactly
    /// @throws IOException if reading or writing fails; the folder is then unchanged
    public static Imported run(Path source, Path out, Clock clock) throws IOException {
        requireReadable(source);
        @Nullable Path parent = out.toAbsolutePath().getParent();
        try (Arena arena = Arena.ofShared();
                TemporaryTensors converted = TemporaryTensors.in(parent == null ? out : parent)) {
            ForeignModel model = Files.isDirectory(source)
                    ? HuggingFaceModels.read(source, converted)
                    : GgufModels.read(source, arena, converted::addHalves);
            Imported imported = checked(model, true, source.toString());
            converted.compute();
            Manifest manifest = Manifest.imported(origin(model, clock));
            CheckpointDirectory.write(out, imported.config(), model.tensors(), model.files(), manifest);
            return imported;
        }
    }

    private static ModelOrigin origin(ForeignModel model, Clock clock) throws IOException {
        List<SourceFile> files = new ArrayList<>();
        for (Path source : model.sources()) {
            files.add(SourceFile.of(source));
        }
        ForeignModel.Kind kind = model.kind();
        return new ModelOrigin(
                kind.format(), kind.architecture(), kind.types(), files, Manifest.currentVersion(), clock.instant());
    }

    private static Imported checked(ForeignModel model, boolean hasWeights, String where) {
        ModelConfig config = ModelConfig.fromJson(model.config(), where);
        Problems problems = new Problems();
        OptionalInt tokenizerSize =
                problems.attempt(() -> tokenizerSize(model, config, where)).orElse(OptionalInt.empty());
        CheckpointDirectory.problem(config, model.tensors()).ifPresent(problem -> problems.add(where + ": " + problem));
        problems.throwIfAny();
        return new Imported(
                model.kind().description(),
                config,
                model.tensors(),
                hasWeights,
                tokenizerSize,
                hasTemplate(model),
                CheckpointTemplate.problem(model.files()));
    }

    private static OptionalInt tokenizerSize(ForeignModel model, ModelConfig config, String where) {
        byte @Nullable [] json = model.files().get(TOKENIZER);
        if (json == null) {
            return OptionalInt.empty();
        }
        int size = Tokenizer.parse(json, where + ": tokenizer").vocabSize();
        InputException.require(
                size <= config.vocabSize(),
                where,
                "the vocabulary of the tokenizer",
                "at most the model's " + config.vocabSize() + " tokens",
                size);
        return OptionalInt.of(size);
    }

    private static boolean hasTemplate(ForeignModel model) {
        byte @Nullable [] settings = model.files().get("tokenizer_config.json");
        return model.files().containsKey("chat_template.jinja")
                || (settings != null && new String(settings, StandardCharsets.UTF_8).contains("\"chat_template\""));
    }
}
