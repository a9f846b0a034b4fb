package dev.saiki.convert;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.provenance.ModelOrigin;
import dev.saiki.checkpoint.provenance.SourceFile;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.convert.foreign.ForeignModel;
import dev.saiki.convert.foreign.TemporaryTensors;
import dev.saiki.convert.gguf.GgufModels;
import dev.saiki.convert.quantized.QuantizedWeights;
import dev.saiki.convert.sentencepiece.SentencePieceFile;
import dev.saiki.io.GitLfsPointer;
import dev.saiki.io.InputException;
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
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.SequencedSet;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/// An importer of other tools' models.
///
/// The source is a Hugging Face folder or a GGUF file. Anything that cannot be represented exactly is refused, and
/// the message names it. Numbers keep their format, except that matrices of folders quantized by GPTQ, AWQ or FP8
/// get the format of their scales.
public final class ModelImport {

    private static final String TOKENIZER = "tokenizer.json";
    private static final String SENTENCEPIECE = "tokenizer.model";

    private static final long LARGEST_BESIDE = 1L << 25;

    /// The result of an import.
    ///
    /// @param description the model's format, family and number formats, in words
    /// @param config the model
    /// @param tensors the model's tensors; only their names, formats and shapes remain readable
    /// @param tokenizerSize the tokenizer's number of tokens; empty if there is none
    /// @param hasTemplate whether the model has a chat template
    /// @param templateProblem what keeps this template from being run, if anything does
    public record Imported(
            String description,
            ModelConfig config,
            List<StoredTensor> tensors,
            OptionalInt tokenizerSize,
            boolean hasTemplate,
            Optional<String> templateProblem) {}

    private ModelImport() {}

    /// Checks whether a model can be imported, without copying its numbers.
    ///
    /// @param source a folder or a file
    /// @return what an import would give
    /// @throws InputException if the source is missing, damaged, or cannot be represented exactly
    /// @throws IOException if reading fails
    public static Imported check(Path source) throws IOException {
        requireReadable(source);
        if (!Files.isDirectory(source)) {
            return checked(GgufModels.read(source, Arena.ofAuto(), (tensor, _) -> tensor), source.toString());
        }
        try (TemporaryTensors computed = TemporaryTensors.in(Path.of(System.getProperty("java.io.tmpdir", ".")))) {
            return checked(readFolder(source, computed), source.toString());
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
                    ? readFolder(source, converted)
                    : GgufModels.read(source, arena, converted::addHalves);
            Imported imported = checked(model, source.toString());
            converted.compute();
            Manifest manifest = Manifest.imported(origin(model, clock));
            CheckpointDirectory.write(out, imported.config(), model.tensors(), model.files(), manifest);
            return imported;
        }
    }

    private static ForeignModel readFolder(Path source, TemporaryTensors computed) throws IOException {
        QuantizedWeights quantized = new QuantizedWeights(computed);
        CheckpointDirectory checkpoint = CheckpointDirectory.open(source, quantized);
        Path folder = checkpoint.path();
        requireModelType(folder.resolve("config.json"));
        ModelConfig config = checkpoint.config();
        List<StoredTensor> tensors = List.copyOf(checkpoint.tensors().values());
        SequencedMap<String, byte[]> files = new LinkedHashMap<>();
        Path tokenizer = folder.resolve(TOKENIZER);
        Path sentencePiece = folder.resolve(SENTENCEPIECE);
        VocabularyFiles vocabulary = new VocabularyFiles(folder);
        if (Files.isRegularFile(tokenizer)) {
            files.put(TOKENIZER, Tokenizer.load(tokenizer).json());
        } else if (Files.isRegularFile(sentencePiece)) {
            files.put(TOKENIZER, SentencePieceFile.read(sentencePiece).tokenizerJson(sentencePiece.toString()));
        } else if (vocabulary.arePresent()) {
            files.put(TOKENIZER, vocabulary.tokenizerJson());
        }
        for (String name : CheckpointDirectory.COMPANIONS) {
            Path file = folder.resolve(name);
            if (Files.isRegularFile(file)) {
                if (Files.size(file) > LARGEST_BESIDE) {
                    throw InputException.of(
                            file.toString(), "the file", "at most " + LARGEST_BESIDE + " bytes long", "more");
                }
                files.put(name, Files.readAllBytes(file));
            }
        }
        Stream<String> stored =
                tensors.stream().map(StoredTensor::type).distinct().sorted().map(StoredType::name);
        List<String> types = Stream.concat(quantized.method().stream(), stored).toList();
        ForeignModel.Kind kind = new ForeignModel.Kind("Hugging Face", modelType(config), types);
        return new ForeignModel(kind, config.toJson(), tensors, files, sources(checkpoint, files.sequencedKeySet()));
    }

    /// Requires `model_type`, without which the family is unknown.
    private static void requireModelType(Path config) throws IOException {
        if (!JsonMapper.shared()
                .readTree(Files.readAllBytes(config))
                .path("model_type")
                .isString()) {
            throw InputException.of(
                    config.toString(), "model_type", "the family of the model, such as \"llama\"", "nothing");
        }
    }

    private static String modelType(ModelConfig config) {
        return config.toJson().path("model_type").stringValue("");
    }

    /// The files of a source folder: the model and its companion files.
    private static List<Path> sources(CheckpointDirectory checkpoint, Collection<String> companions) {
        SequencedSet<Path> sources = new LinkedHashSet<>(checkpoint.files());
        if (!checkpoint.hasTokenizer() && companions.contains(TOKENIZER)) {
            Path sentencePiece = checkpoint.path().resolve(SENTENCEPIECE);
            sources.addAll(
                    Files.isRegularFile(sentencePiece)
                            ? List.of(sentencePiece)
                            : new VocabularyFiles(checkpoint.path()).paths());
        }
        CheckpointDirectory.COMPANIONS.stream()
                .filter(companions::contains)
                .map(checkpoint.path()::resolve)
                .forEach(sources::add);
        return List.copyOf(sources);
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

    private static Imported checked(ForeignModel model, String where) {
        ModelConfig config = ModelConfig.fromJson(model.config(), where);
        OptionalInt tokenizerSize = OptionalInt.empty();
        if (model.files().containsKey(TOKENIZER)) {
            Tokenizer tokenizer = Tokenizer.parse(
                    Optional.ofNullable(model.files().get(TOKENIZER)).orElseThrow(), where + ": tokenizer");
            tokenizerSize = OptionalInt.of(tokenizer.vocabSize());
            InputException.require(
                    tokenizer.vocabSize() <= config.vocabSize(),
                    where,
                    "the vocabulary of the tokenizer",
                    "at most the model's " + config.vocabSize() + " tokens",
                    tokenizer.vocabSize());
        }
        CheckpointDirectory.problem(config, model.tensors()).ifPresent(problem -> {
            throw new InputException(where + ": " + problem);
        });
        return new Imported(
                model.kind().description(),
                config,
                model.tensors(),
                tokenizerSize,
                hasTemplate(model),
                CheckpointTemplate.problem(model.files()));
    }

    private static boolean hasTemplate(ForeignModel model) {
        byte @Nullable [] settings = model.files().get("tokenizer_config.json");
        return model.files().containsKey("chat_template.jinja")
                || (settings != null && new String(settings, StandardCharsets.UTF_8).contains("\"chat_template\""));
    }
}
