package dev.saiki.study;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.TokenStream;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.eval.SentenceOpenings;
import dev.saiki.eval.TokenViews;
import dev.saiki.study.plan.StudyPlan;
import dev.saiki.study.results.DecodeSpeed;
import dev.saiki.study.results.GeneratedSamples;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.TextSample;
import dev.saiki.text.dataset.TokenDataset;
import dev.saiki.train.recipe.Recipe;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// A generator of text samples from one checkpoint per family, which also measures the checkpoints' decoding
/// speeds. All checkpoints get the same prompts.
///
/// All models are open at the same time and take turns, round by round, so that machine noise affects all of them
/// equally and their speeds are comparable.
final class SampleGenerator {

    private static final int DEFAULT_PROMPTS = 5;

    private static final int TIMED_SEQUENCES = 8;

    /// Size of the request queue, which holds several rounds: a round's requests can arrive before the engine
    /// has released those of the round before.
    private static final int MAX_WAITING = 128;

    private static final int TIMED_PROMPT_TOKENS = 32;
    private static final int TIMED_TOKENS = 64;
    private static final int MIN_ROUNDS = 3;

    /// The warm-up, in which Java compiles code, as a share of the whole duration; rounds in the warm-up are
    /// not measured.
    private static final double WARM_UP_SHARE = 0.4;

    private final Path folder;
    private final List<int[]> heldOut;
    private final List<String> prompts;
    private final StudyPlan.SampleSettings settings;
    private final BooleanSupplier stop;

    /// Creates a generator.
    ///
    /// @param folder the study's folder, to which the checkpoints' paths are relative
    /// @param dataset the text: sample prompts come from the training split, timed prompts from the held-out split
    /// @param settings the settings of the samples
    /// @param stop tells whether to abort; asked between models and between rounds
    SampleGenerator(Path folder, TokenDataset dataset, StudyPlan.SampleSettings settings, BooleanSupplier stop) {
        this.folder = folder;
        this.heldOut = TokenViews.documents(dataset.validation());
        this.prompts = settings.prompts().isEmpty()
                ? SentenceOpenings.of(dataset.train(), dataset.tokenizer()).commonest(DEFAULT_PROMPTS)
                : settings.prompts();
        this.settings = settings;
        this.stop = stop;
    }

    /// The prompts that the samples continue.
    List<String> prompts() {
        return prompts;
    }

    /// Generates samples from checkpoints.
    ///
    /// @param runs the runs to sample from
    /// @return the samples of each run, in the order of the runs; empty if stopped
    Optional<List<GeneratedSamples>> write(List<RunResult> runs) {
        List<Engine> engines = new ArrayList<>();
        try {
            SentenceSampler sampler = new SentenceSampler(settings.tokens(), RouteSettings.MODEL);
            List<List<TextSample>> samples = new ArrayList<>();
            for (RunResult run : runs) {
                if (stop.getAsBoolean()) {
                    return Optional.empty();
                }
                Engine engine = open(StudyRunDirectory.model(
                        Recipe.parse(run.recipe(), List.of()), folder.resolve(run.checkpoint())));
                engines.add(engine);
                samples.add(prompts.stream()
                        .map(prompt -> sampler.sample(engine, prompt, run.seed()))
                        .toList());
            }
            List<List<Double>> rounds = settings.seconds() > 0 ? time(engines) : List.of();
            if (stop.getAsBoolean()) {
                return Optional.empty();
            }
            List<GeneratedSamples> written = new ArrayList<>();
            for (int i = 0; i < engines.size(); i++) {
                Optional<DecodeSpeed> speed =
                        settings.seconds() > 0 ? Optional.of(speed(engines.get(i), rounds.get(i))) : Optional.empty();
                written.add(new GeneratedSamples(runs.get(i).id(), speed, samples.get(i)));
            }
            return Optional.of(written);
        } finally {
            engines.forEach(Engine::close);
        }
    }

    private static Engine open(CheckpointDirectory checkpoint) {
        return Engine.open(
                checkpoint,
                EngineOptions.builder()
                        .maxSequences(TIMED_SEQUENCES)
                        .maxWaiting(MAX_WAITING)
                        .prefixCache(false)
                        .build());
    }

    /// Tokens per second of each engine in each round.
    private List<List<Double>> time(List<Engine> engines) {
        long start = System.nanoTime();
        long whole = (long) (settings.seconds() * TimeUnit.SECONDS.toNanos(1));
        while (System.nanoTime() - start < WARM_UP_SHARE * whole && !stop.getAsBoolean()) {
            engines.forEach(this::round);
        }
        List<List<Double>> rounds = new ArrayList<>();
        engines.forEach(_ -> rounds.add(new ArrayList<>()));
        for (int round = 0; round < MIN_ROUNDS || System.nanoTime() - start < whole; round++) {
            for (int i = 0; i < engines.size() && !stop.getAsBoolean(); i++) {
                rounds.get(i).add(round(engines.get(i)));
            }
            if (stop.getAsBoolean()) {
                break;
            }
        }
        return rounds;
    }

    /// Generates a full batch of texts, and returns the tokens per second.
    private double round(Engine engine) {
        List<TokenStream> streams = new ArrayList<>();
        long start = System.nanoTime();
        for (int sequence = 0; sequence < TIMED_SEQUENCES; sequence++) {
            streams.add(engine.submit(GenerationRequest.builder(timedPrompt(sequence), TIMED_TOKENS)
                    .ending(StopConditions.NONE)
                    .build()));
        }
        streams.forEach(TokenStream::awaitEnd);
        double seconds = (System.nanoTime() - start) / (double) TimeUnit.SECONDS.toNanos(1);
        streams.forEach(TokenStream::close);
        return TIMED_SEQUENCES * TIMED_TOKENS / seconds;
    }

    /// The beginning of a held-out document, or a later part if there are fewer documents than texts.
    private int[] timedPrompt(int sequence) {
        int[] ids = heldOut.get(sequence % heldOut.size());
        int from = Math.max(
                0, Math.min(sequence / heldOut.size() * TIMED_PROMPT_TOKENS, ids.length - TIMED_PROMPT_TOKENS));
        return Arrays.copyOfRange(ids, from, Math.min(ids.length, from + TIMED_PROMPT_TOKENS));
    }

    private static DecodeSpeed speed(Engine engine, List<Double> rounds) {
        return new DecodeSpeed(
                engine.weightFormat().key(),
                engine.weightBytes(),
                TIMED_SEQUENCES,
                TIMED_PROMPT_TOKENS,
                TIMED_TOKENS,
                rounds);
    }
}
