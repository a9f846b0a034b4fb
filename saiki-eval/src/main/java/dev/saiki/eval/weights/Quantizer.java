package dev.saiki.eval.weights;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.safetensors.BlockEncoder;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.checkpoint.safetensors.StoredType;
import dev.saiki.engine.Engine;
import dev.saiki.engine.ScoreRequest;
import dev.saiki.engine.TokenScores;
import dev.saiki.engine.sampling.NonFiniteException;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.io.InputException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A rounding of a model's matrices to eight, six or four bits.
///
/// Six and four bits are rounded with error feedback (GPTQ, arXiv:2210.17323). The numbers of a row are rounded one
/// after the other, and the numbers that follow are changed so that they make up for the error on a calibration text:
/// with U the factor of {@link InputCovariance}, the error of number j, divided by U_jj, times U_jk is subtracted from
/// number k. The engine computes the inputs in every recursion that a token takes, so a shared matrix is rounded
/// for all its recursions, each weighted with the tokens that take it.
///
/// Matrices outside the layers, and of the first and the last unique layer, have eight bits. A matrix whose rows
/// cannot be divided into blocks is left as it is, and so are vectors, routers and updates of single steps.
///
/// @param checkpoint the model
/// @param type Q8_0, Q6_0 or Q4_0
/// @param windows the calibration text, in pieces of at least two tokens
public record Quantizer(CheckpointDirectory checkpoint, StoredType type, List<int[]> windows) {

    /// The memory of all covariances of a pass over the text.
    private static final long PASS_BYTES = 1L << 30;

    /// Copies the list.
    public Quantizer {
        windows = List.copyOf(windows);
    }

    /// Rounds the matrices.
    ///
    /// @param arena lifetime of the rounded tensors
    /// @param each receives the name of each tensor when it is rounded
    /// @return the rounded tensors by name
    /// @throws InputException if a number is too large or not finite
    public Map<String, StoredTensor> round(Arena arena, Consumer<String> each) {
        Map<String, StoredTensor> rounded = new LinkedHashMap<>();
        Consumer<StoredTensor> add = tensor -> {
            rounded.put(tensor.name(), tensor);
            each.accept(tensor.name());
        };
        if (type != StoredType.Q8_0) {
            roundWithFeedback(arena, rounded.keySet(), add);
        }
        for (StoredTensor tensor : checkpoint.tensors().values()) {
            boolean isInner = ParameterNames.isLinearMap(tensor.name()) && !isOuter(tensor.name());
            if (isRounded(tensor) && !rounded.containsKey(tensor.name())) {
                add.accept(rounded(tensor, isInner ? type : StoredType.Q8_0, null, arena));
            }
        }
        return rounded;
    }

    private boolean isRounded(StoredTensor tensor) {
        return ParameterNames.isMatrix(tensor.name(), tensor.shape())
                && tensor.shape().getLast() % type.blockSize() == 0;
    }

    /// Tells whether a matrix has eight bits all the same, because errors in the first and last layer cost most.
    private boolean isOuter(String name) {
        int last = checkpoint.config().layerMap().numUnique() - 1;
        return name.startsWith("model.layers.0.") || name.startsWith("model.layers." + last + ".");
    }

    private StoredTensor tensor(String name) {
        return Optional.ofNullable(checkpoint.tensors().get(name)).orElseThrow();
    }

    /// Rounds the matrices of layers, in as many passes over the text as the memory of the covariances requires.
    private void roundWithFeedback(Arena arena, Set<String> done, Consumer<StoredTensor> add) {
        Map<List<String>, InputCovariance> sums = new LinkedHashMap<>();
        do {
            sums.clear();
            measure(Set.copyOf(done), sums);
            sums.forEach((names, sum) -> {
                float[] factor = sum.inverseFactor();
                names.forEach(name -> add.accept(rounded(tensor(name), type, factor, arena)));
            });
        } while (!sums.isEmpty());
    }

    /// Reads the text, and adds the inputs of those matrices that are not done, as many as the memory allows.
    private void measure(Set<String> done, Map<List<String>, InputCovariance> sums) {
        Set<String> skipped = new HashSet<>(done);
        long[] left = {PASS_BYTES};
        EngineOptions options = EngineOptions.builder().build();
        try (Engine engine = Engine.watched(checkpoint, options, (names, rows, count) -> {
            StoredTensor first = tensor(names.getFirst());
            int inputs = Math.toIntExact(first.shape().getLast());
            if (!isRounded(first) || isOuter(first.name()) || skipped.contains(first.name())) {
                return;
            }
            if (!sums.containsKey(names)) {
                left[0] -= InputCovariance.bytes(inputs);
                if (left[0] < 0 && !sums.isEmpty()) {
                    skipped.add(first.name());
                    return;
                }
            }
            sums.computeIfAbsent(names, _ -> new InputCovariance(inputs)).add(rows, count);
        })) {
            List<CompletableFuture<TokenScores>> asked = windows.stream()
                    .map(ids -> engine.score(ScoreRequest.of(ids, RouteSettings.MODEL)))
                    .toList();
            asked.forEach(CompletableFuture::join);
        } catch (CompletionException e) {
            throw e.getCause() instanceof NonFiniteException cause
                    ? new InputException(checkpoint.path() + ": " + cause.getMessage(), e)
                    : e;
        }
    }

    /// Rounds a matrix, with error feedback if the factor of its inputs is known.
    private static StoredTensor rounded(StoredTensor tensor, StoredType type, float @Nullable [] factor, Arena arena) {
        int outputs = Math.toIntExact(tensor.shape().getFirst());
        int inputs = Math.toIntExact(tensor.shape().getLast());
        BlockEncoder encoder =
                new BlockEncoder(type, Optional.ofNullable(factor).map(known -> importance(known, inputs)));
        long bytes = encoder.bytes(inputs);
        MemorySegment data = arena.allocate(outputs * bytes);
        IntStream.range(0, outputs).parallel().forEach(row -> {
            float[] values = new float[inputs];
            tensor.copyTo((long) row * inputs, values, 0, inputs);
            ByteBuffer target = data.asSlice(row * bytes, bytes).asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
            try {
                encode(values, factor, encoder, target);
            } catch (IllegalArgumentException e) {
                throw new InputException("tensor " + tensor.name() + ", row " + row + ": " + e.getMessage(), e);
            }
        });
        tensor.unload();
        return new StoredTensor(tensor.name(), type, tensor.shape(), data);
    }

    /// The weight of a number's squared error once the numbers that follow have made up for it: 1 / U_jj².
    private static float[] importance(float[] factor, int inputs) {
        float[] importance = new float[inputs];
        for (int i = 0; i < inputs; i++) {
            importance[i] = 1 / (factor[i * inputs + i] * factor[i * inputs + i]);
        }
        return importance;
    }

    private static void encode(float[] row, float @Nullable [] factor, BlockEncoder encoder, ByteBuffer target) {
        if (factor == null) {
            encoder.encode(row, row.length, target);
            return;
        }
        int size = encoder.type().blockSize();
        for (int from = 0; from < row.length; from += size) {
            float scale = encoder.scaleOf(row, from);
            for (int j = from; j < from + size; j++) {
                float held = scale * encoder.rounded(row[j], scale);
                float error = (row[j] - held) / factor[j * row.length + j];
                row[j] = held;
                for (int k = j + 1; k < row.length; k++) {
                    row[k] -= error * factor[j * row.length + k];
                }
            }
            encoder.put(row, from, scale, target);
        }
    }
}
