package dev.saiki.eval.calibration;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.ContentHash;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.KeyValueSharing;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.ParameterNames;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.checkpoint.provenance.Calibration;
import dev.saiki.io.InputException;
import dev.saiki.io.Sha256;
import dev.saiki.model.ModelWeights;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import dev.saiki.testkit.TinyModels;
import dev.saiki.text.tokenizer.BytePairTrainer;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Intentionally wrong thresholds are refitted, and measured on text that the fit did not use.
class CalibratorTest {

    private static final Tokenizer BYTES =
            BytePairTrainer.train(List.of("ab").iterator(), BytePairTrainer.SMALLEST_VOCABULARY);
    private static final Instant NOON = Instant.parse("2026-11-27T12:00:00Z");

    @TempDir
    private Path folder;

    @Test
    void everyShareOfTheDialIsMetOnOtherText() throws IOException {
        CheckpointDirectory model =
                checkpoint(TinyModels.expertThreshold(KeyValueSharing.NONE).withVocabSize(BYTES.vocabSize()));
        String hash = ContentHash.of(model);
        CalibratedModel calibrated = calibrate(model, List.of());

        Calibration calibration = calibrated.calibration();
        assertThat(calibration.calibrated()).isEqualTo(NOON);
        assertThat(calibration.from()).isEqualTo(hash);
        assertThat(calibration.text().heldOutTokens() + calibration.text().fitTokens())
                .isGreaterThanOrEqualTo(CalibrationText.MIN_TOKENS);
        assertThat(calibration.steps())
                .extracting(Calibration.Step::effort)
                .containsExactly("0.25", "0.25", "0.5", "0.5", "0.75", "0.75");
        for (Calibration.Step step : calibration.steps()) {
            assertThat(step.asked()).isEqualTo(Double.parseDouble(step.effort()));
            assertThat(Math.abs(step.shareBefore() - step.asked()))
                    .as("%s", step)
                    .isGreaterThan(0.2);
            assertThat(step.shareAfter()).as("%s", step).isCloseTo(step.asked(), within(CalibratedModel.TOLERANCE));
        }
        assertThat(calibrated.missed()).isEmpty();
        assertThat(calibrated.depthShares().getFirst()).isCloseTo(0.5, within(0.02));
        assertThat(calibration.losses()).extracting(Calibration.Loss::effort).containsExactly("0.25", "0.5", "0.75");
        for (Calibration.Loss loss : calibration.losses()) {
            assertThat(loss.difference().mean())
                    .isCloseTo(loss.after().mean() - loss.before().mean(), within(1e-9));
            assertThat(loss.difference().low()).isLessThan(loss.difference().mean());
            assertThat(loss.before().high()).isGreaterThan(loss.before().mean());
        }
    }

    @Test
    void whatIsWrittenIsTheModelWithOtherThresholdsAndTheInputStays() throws IOException {
        CheckpointDirectory model =
                checkpoint(TinyModels.expertThreshold(KeyValueSharing.NONE).withVocabSize(BYTES.vocabSize()));
        CalibratedModel calibrated = calibrate(model, List.of(0.3, 0.5, 1.0));
        Path out = folder.resolve("out");
        model.writeChanged(
                out,
                calibrated.config(),
                calibrated.replaced(),
                model.manifest().orElseThrow().with(calibrated.calibration(), calibrated.depthShares()));

        CheckpointDirectory written = CheckpointDirectory.open(out);
        assertThat(written.config().routing())
                .isInstanceOfSatisfying(
                        Routing.ExpertThreshold.class,
                        routing -> assertThat(routing.effortGrid()).containsExactly(0.3, 0.5, 1.0));
        float[] thresholds = Objects.requireNonNull(written.tensors().get(ParameterNames.ROUTER_THRESHOLDS))
                .toFloats();
        assertThat(Arrays.copyOf(thresholds, 3)).containsOnly(0);
        assertThat(List.of(thresholds[5], thresholds[8])).containsOnly(0f);
        assertThat((double) thresholds[3])
                .isEqualTo(calibrated.calibration().steps().getFirst().thresholdAfter());
        assertThat(thresholds[3]).isGreaterThan(thresholds[4]);
        Manifest manifest = written.manifest().orElseThrow();
        assertThat(manifest.provenance().calibrations()).containsExactly(calibrated.calibration());
        assertThat(manifest.metrics())
                .containsEntry(
                        Manifest.DEPTH_SHARE + 1, calibrated.depthShares().getFirst());
        assertThat(ContentHash.of(CheckpointDirectory.open(folder.resolve("model"))))
                .isEqualTo(calibrated.calibration().from());
    }

    @Test
    void capacitiesOfExpertChoiceAreMetOnOtherText() throws IOException {
        ModelConfig config = TinyModels.expertChoice(KeyValueSharing.NONE).withVocabSize(BYTES.vocabSize());
        CalibratedModel own = calibrate(checkpoint(config), List.of());
        assertThat(own.calibration().steps())
                .extracting(Calibration.Step::effort)
                .containsOnly("");
        assertThat(own.missed()).isEmpty();
        CalibratedModel asked = calibrate(CheckpointDirectory.open(folder.resolve("model")), List.of(1.0, 0.3, 0.3));
        assertThat(asked.calibration().steps())
                .extracting(Calibration.Step::asked)
                .containsExactly(0.3, 1.0);
        assertThat(asked.missed()).isEmpty();
        assertThat(asked.config().routing()).isInstanceOfSatisfying(Routing.ExpertChoice.class, routing -> {
            assertThat(routing.capacity()).containsExactly(1.0, 0.3, 0.3);
            assertThat(routing.threshold().get(1))
                    .isEqualTo(asked.calibration().steps().getFirst().thresholdAfter());
            assertThat(routing.threshold().get(2)).isZero();
        });
        assertThat(asked.replaced()).isEmpty();
    }

    @Test
    void modelsWithoutThresholdsAndSharesThatDoNotFitAreRefused() throws IOException {
        for (ModelConfig config :
                List.of(TinyModels.recursive(), TinyModels.random(), TinyModels.tokenChoice(KeyValueSharing.NONE))) {
            CheckpointDirectory model = checkpoint(config);
            assertThatThrownBy(() -> new Calibrator(model, BYTES, List.of()))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining(
                            "its routing.type is " + config.routing().key());
        }
        CheckpointDirectory dial = checkpoint(TinyModels.expertThreshold(KeyValueSharing.NONE));
        for (List<Double> efforts :
                List.of(List.of(0.5), List.of(0.1, 1.0), List.of(0.6, 1.0), List.of(0.5, 0.3, 1.0))) {
            assertThatThrownBy(() -> new Calibrator(dial, BYTES, efforts))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("ascending, from a first effort between 0.25 (the lowest trained effort)");
        }
        CheckpointDirectory choice = checkpoint(TinyModels.expertChoice(KeyValueSharing.NONE));
        for (List<Double> capacity : List.of(List.of(1.0, 0.5), List.of(0.5, 0.5, 0.5), List.of(1.0, 0.2, 0.5))) {
            assertThatThrownBy(() -> new Calibrator(choice, BYTES, capacity))
                    .isInstanceOf(InputException.class)
                    .hasMessageContaining("3 numbers in (0, 1], starting at 1");
        }
    }

    @Test
    void documentsAreDividedWholeOrWindowsTakeTurns() {
        ModelConfig config = TinyModels.vanilla();
        CalibrationText whole = CalibrationText.of("many", documents(20, 6000), BYTES, config, 200_000);
        assertThat(whole.parts()).isEqualTo(CalibrationText.Parts.DOCUMENTS);
        Set<Integer> fitted = new HashSet<>();
        whole.fit().forEach(window -> fitted.add(window.document()));
        assertThat(whole.heldOut()).noneMatch(window -> fitted.contains(window.document()));
        assertThat(CalibrationText.tokens(whole.fit())).isEqualTo(60_000);
        assertThat(CalibrationText.tokens(whole.heldOut())).isEqualTo(60_000);

        CalibrationText few = CalibrationText.of("few", documents(2, 60_000), BYTES, config, 100_000);
        assertThat(few.parts()).isEqualTo(CalibrationText.Parts.WINDOWS);
        assertThat(CalibrationText.tokens(few.fit()) + CalibrationText.tokens(few.heldOut()))
                .isBetween(99_000L, 101_000L);
        byte[] bytes = BYTES.decodeBytes(documents(1, 100_000).getFirst());
        assertThat(CalibrationText.of("one", documents(1, 100_000), BYTES, config, 100_000)
                        .sha256())
                .isEqualTo(Sha256.hex(bytes));
        assertThatThrownBy(() -> CalibrationText.of("notes.txt", documents(9, 1000), BYTES, config, 100_000))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("notes.txt must have at least 100000 tokens")
                .hasMessageContaining("got 9000");
    }

    private static CalibratedModel calibrate(CheckpointDirectory model, List<Double> shares) {
        CalibrationText text = CalibrationText.of("text", documents(20, 6000), BYTES, model.config(), 120_000);
        return new Calibrator(model, BYTES, shares).calibrate(text, () -> NOON, _ -> {});
    }

    /// Runs of letters, so that neighbours are similar.
    private static List<int[]> documents(int count, int length) {
        Random random = new Random(9);
        return IntStream.range(0, count)
                .mapToObj(_ -> {
                    int[] ids = new int[length];
                    for (int i = 0; i < length; i++) {
                        ids[i] = i > 0 && random.nextInt(3) > 0 ? ids[i - 1] : 'a' + random.nextInt(26);
                    }
                    return ids;
                })
                .toList();
    }

    /// Writes a model of random weights whose thresholds let no token continue.
    private CheckpointDirectory checkpoint(ModelConfig config) throws IOException {
        Path path = folder.resolve("model");
        try (ModelWeights weights = ModelWeights.initialize(config, 5, false);
                TensorScope _ = TensorScope.open()) {
            Optional.ofNullable(weights.buffers().get(ParameterNames.ROUTER_THRESHOLDS))
                    .ifPresent(CalibratorTest::pushOff);
            CheckpointDirectory.write(path, config, weights.stored(), Optional.empty(), Manifest.untrained());
        }
        return CheckpointDirectory.open(path);
    }

    private static void pushOff(Tensor thresholds) {
        float[] values = thresholds.toFloats();
        for (int i = 0; i < values.length; i++) {
            values[i] = values[i] == 0 ? 0 : 0.9999f;
        }
        thresholds.copyFrom(Tensors.of(values, thresholds.shape()));
    }
}
