package dev.saiki.benchmarks;

import dev.saiki.checkpoint.BaseModel;
import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.adapter.AdapterConfig;
import dev.saiki.checkpoint.adapter.AdapterDirectory;
import dev.saiki.checkpoint.adapter.AdapterMerge;
import dev.saiki.checkpoint.adapter.AdapterTensors;
import dev.saiki.checkpoint.safetensors.StoredTensor;
import dev.saiki.engine.Engine;
import dev.saiki.engine.FinishReason;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.TokenStream;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.WeightFormat;
import dev.saiki.io.AtomicFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.stream.DoubleStream;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// A benchmark of many adapters that are served together and assigned to sequences in turn, compared with a
/// model into which one of them is merged. The benchmark measures generated tokens per second in alternating
/// rounds; the time includes prefill.
///
/// Adapters are random and update all linear maps; the router sets the depths. Prints one JSON line.
public final class AdapterSpeed {

    private static final JsonMapper JSON = new JsonMapper();
    private static final int PROMPT_TOKENS = 32;
    private static final int WRITTEN = 96;
    private static final int WARM_UP = 2;
    private static final double NANOS = 1e9;

    private AdapterSpeed() {}

    /// Measures.
    ///
    /// @param arguments a checkpoint folder, the number of adapters, their rank, the number of sequences, the
    ///     number of rounds, and the number format of the model's weights
    /// @throws IOException if the adapters cannot be written
    public static void main(String[] arguments) throws IOException {
        if (arguments.length != 6) {
            System.err.println("usage: AdapterSpeed MODEL ADAPTERS RANK SEQUENCES ROUNDS float32|bfloat16|int8");
            System.exit(2);
        }
        CheckpointDirectory model = CheckpointDirectory.open(Path.of(arguments[0]));
        int count = Integer.parseInt(arguments[1]);
        int rank = Integer.parseInt(arguments[2]);
        int sequences = Integer.parseInt(arguments[3]);
        int rounds = Integer.parseInt(arguments[4]);
        EngineOptions options = EngineOptions.builder()
                .weights(WeightFormat.valueOf(arguments[5].toUpperCase(Locale.ROOT)))
                .prefixCache(false)
                .build();
        Path folder = Files.createTempDirectory("saiki-adapters");
        double[] together = new double[rounds];
        double[] merged = new double[rounds];
        double[] shares = new double[rounds];
        try {
            List<AdapterDirectory> adapters = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                adapters.add(random(folder.resolve("adapter-" + i), model, rank, i));
            }
            try (Engine base = Engine.withoutText(model, options);
                    Engine one = Engine.withoutText(AdapterMerge.of(model, adapters.getFirst()), options)) {
                List<Engine> many = adapters.stream().map(base::withAdapter).toList();
                for (int round = -WARM_UP; round < rounds; round++) {
                    double alone = tokensPerSecond(List.of(one), sequences);
                    double all = tokensPerSecond(many, sequences);
                    if (round >= 0) {
                        merged[round] = alone;
                        together[round] = all;
                        shares[round] = all / alone;
                    }
                }
            }
        } finally {
            AtomicFiles.deleteRecursively(folder);
        }
        ObjectNode line = JSON.createObjectNode();
        line.put("measure", "adapters");
        line.put("adapters", count);
        line.put("rank", rank);
        line.put("sequences", sequences);
        line.put("weights", arguments[5]);
        line.put("rounds", rounds);
        putSpread(line, "merged_tokens_per_second", merged);
        putSpread(line, "adapters_tokens_per_second", together);
        putSpread(line, "over_merged", shares);
        System.out.println(line);
    }

    private static AdapterDirectory random(Path folder, CheckpointDirectory model, int rank, int seed)
            throws IOException {
        AdapterConfig config = new AdapterConfig(
                rank, rank, List.copyOf(AdapterTensors.maps(model.config()).keySet()));
        Random random = new Random(seed);
        List<StoredTensor> tensors = new ArrayList<>();
        AdapterTensors.of(model.config(), config).forEach((name, shape) -> {
            float[] values = new float[Math.toIntExact(shape.getFirst() * shape.getLast())];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (0.01 * random.nextGaussian());
            }
            tensors.add(StoredTensor.ofFloats(name, shape, values));
        });
        Manifest manifest = Manifest.untrained().withBase(Optional.of(BaseModel.of(model)));
        AdapterDirectory.write(folder, config, tensors, manifest);
        return AdapterDirectory.open(folder);
    }

    private static double tokensPerSecond(List<Engine> engines, int sequences) {
        int vocabulary = engines.getFirst().config().vocabSize();
        Random random = new Random(1);
        List<TokenStream> streams = new ArrayList<>();
        long start = System.nanoTime();
        for (int i = 0; i < sequences; i++) {
            int[] prompt = random.ints(PROMPT_TOKENS, 0, vocabulary).toArray();
            streams.add(engines.get(i % engines.size())
                    .submit(GenerationRequest.builder(prompt, WRITTEN)
                            .ending(StopConditions.NONE)
                            .build()));
        }
        for (TokenStream stream : streams) {
            stream.awaitEnd();
            stream.forEach(_ -> {});
            if (stream.finish().reason() != FinishReason.MAX_TOKENS) {
                throw new IllegalStateException("a measured sequence ended early: " + stream.finish());
            }
        }
        return sequences * WRITTEN / ((System.nanoTime() - start) / NANOS);
    }

    private static void putSpread(ObjectNode line, String name, double[] values) {
        double[] sorted = DoubleStream.of(values).sorted().toArray();
        ObjectNode spread = line.putObject(name);
        spread.put("median", sorted[sorted.length / 2]);
        spread.put("least", sorted[0]);
        spread.put("most", sorted[sorted.length - 1]);
    }
}
