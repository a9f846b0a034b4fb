package dev.saiki.convert;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.FolderConfig;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.convert.foreign.ForeignModel;
import dev.saiki.convert.foreign.TemporaryTensors;
import dev.saiki.convert.quantized.QuantizedWeights;
import dev.saiki.convert.sentencepiece.SentencePieceFile;
import dev.saiki.io.InputException;
import dev.saiki.io.Problems;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.Function;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A reader of models in Hugging Face folders.
final class HuggingFaceModels {

    static final String TOKENIZER = "tokenizer.json";

    private static final String CONFIG = "config.json";
    private static final String SENTENCEPIECE = "tokenizer.model";
    private static final long LARGEST_BESIDE = 1L << 25;

    private final Path folder;
    private final TemporaryTensors computed;
    private final QuantizedWeights quantized;

    private HuggingFaceModels(Path folder, TemporaryTensors computed) {
        this.folder = folder;
        this.computed = computed;
        this.quantized = new QuantizedWeights(computed);
    }

    /// Tells whether a folder contains no weights, in any format.
    static boolean lacksWeights(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return Files.isRegularFile(folder.resolve(CONFIG))
                    && files.map(file -> String.valueOf(file.getFileName()))
                            .noneMatch(name -> name.endsWith(".safetensors") || name.startsWith("pytorch_model.bin"));
        }
    }

    /// Reads a model.
    ///
    /// @param source the folder
    /// @param computed the place of converted tensors
    /// @throws InputException if something in the folder cannot be represented exactly; it names all such parts
    static ForeignModel read(Path source, TemporaryTensors computed) throws IOException {
        HuggingFaceModels models = new HuggingFaceModels(CheckpointDirectory.locate(source), computed);
        return models.read(models::weights);
    }

    /// Reads a folder without weights, whose tensors get the shapes that the configuration requires.
    ///
    /// @param source the folder
    /// @param places the place of the tensors, whose numbers are undefined
    /// @throws InputException if something in the folder cannot be represented exactly; it names all such parts
    static ForeignModel readWithoutWeights(Path source, TemporaryTensors places) throws IOException {
        HuggingFaceModels models = new HuggingFaceModels(source, places);
        return models.read(models::expected);
    }

    /// Configuration and tensors, and the files that hold them.
    private record Weights(ModelConfig config, List<StoredTensor> tensors, List<Path> files) {}

    private ForeignModel read(Problems.Part<Weights, IOException> reader) throws IOException {
        Problems problems = new Problems();
        Optional<Weights> read = problems.attempt(reader);
        SequencedMap<String, byte[]> files = new LinkedHashMap<>();
        List<Path> sources = new ArrayList<>();
        problems.attempt(() -> tokenizer(sources))
                .flatMap(Function.identity())
                .ifPresent(json -> files.put(TOKENIZER, json));
        for (String name : CheckpointDirectory.COMPANIONS) {
            Path file = folder.resolve(name);
            if (Files.isRegularFile(file)) {
                problems.attempt(() -> companion(file)).ifPresent(content -> files.put(name, content));
                sources.add(file);
            }
        }
        problems.throwIfAny();
        Weights weights = read.orElseThrow();
        JsonNode config = weights.config().toJson();
        Stream<String> stored = weights.tensors().stream()
                .map(StoredTensor::type)
                .distinct()
                .sorted()
                .map(StoredType::name);
        List<String> types = Stream.concat(quantized.method().stream(), stored).toList();
        ForeignModel.Kind kind =
                new ForeignModel.Kind("Hugging Face", config.path("model_type").stringValue(""), types);
        List<Path> all =
                Stream.concat(weights.files().stream(), sources.stream()).toList();
        return new ForeignModel(kind, weights.config().toJson(), weights.tensors(), files, all);
    }

    private Weights weights() throws IOException {
        CheckpointDirectory checkpoint = CheckpointDirectory.open(folder, quantized);
        requireModelType();
        return new Weights(checkpoint.config(), List.copyOf(checkpoint.tensors().values()), checkpoint.files());
    }

    private Weights expected() throws IOException {
        FolderConfig read = FolderConfig.read(folder);
        requireModelType();
        read.quantization().ifPresent(quantization -> quantized.expect(folder.toString(), quantization));
        SequencedMap<String, List<Long>> shapes = ParameterNames.required(read.config());
        return new Weights(read.config(), computed.reserve(shapes, read.type()), List.of(folder.resolve(CONFIG)));
    }

    /// Requires `model_type`, without which the family is unknown.
    private void requireModelType() throws IOException {
        Path file = folder.resolve(CONFIG);
        JsonNode json = JsonMapper.shared().readTree(Files.readAllBytes(file));
        InputException.require(
                json.path("model_type").isString(),
                file.toString(),
                "model_type",
                "the family of the model, such as \"llama\"",
                "nothing");
    }

    private Optional<byte[]> tokenizer(List<Path> sources) throws IOException {
        Path tokenizer = folder.resolve(TOKENIZER);
        Path sentencePiece = folder.resolve(SENTENCEPIECE);
        VocabularyFiles vocabulary = new VocabularyFiles(folder);
        if (Files.isRegularFile(tokenizer)) {
            return Optional.of(Tokenizer.load(tokenizer).json());
        }
        if (Files.isRegularFile(sentencePiece)) {
            sources.add(sentencePiece);
            return Optional.of(SentencePieceFile.read(sentencePiece).tokenizerJson(sentencePiece.toString()));
        }
        if (vocabulary.arePresent()) {
            sources.addAll(vocabulary.paths());
            return Optional.of(vocabulary.tokenizerJson());
        }
        return Optional.empty();
    }

    private static byte[] companion(Path file) throws IOException {
        InputException.require(
                Files.size(file) <= LARGEST_BESIDE,
                file.toString(),
                "the file",
                "at most " + LARGEST_BESIDE + " bytes long",
                "more");
        return Files.readAllBytes(file);
    }
}
