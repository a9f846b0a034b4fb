package dev.saiki.train;

import dev.saiki.io.DirectoryLock;
import dev.saiki.io.InputException;
import dev.saiki.io.storage.StorageLocation;
import dev.saiki.tensor.ProcessGroup;
import dev.saiki.text.dataset.LoaderPosition;
import dev.saiki.train.recipe.ConversationSection;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// A training run of one model by a recipe, in one folder.
///
/// A run can stop at any moment, on request, on an error or through power loss. A stopped run resumes from its
/// newest saved state and reaches the same weights and losses as an uninterrupted run. The state contains
/// everything that a step depends on: weights and buffers, the optimizer's moments, the counters and the position
/// in the data. The random numbers of a step are drawn from the seed and the step number.
///
/// A step writes in a fixed order: checkpoint `best`, metrics line, checkpoint `last`, state. A crash can lose
/// only output after the saved state, and a resumed run writes that output again.
public final class Trainer {

    /// The recipe keys that may differ between the processes of a run.
    private static final List<String> FREE_IN_A_PROCESS =
            List.of("parallelism.workers", "data.dataset", "tokenizer.file", "initialisation.from");

    private final Recipe recipe;
    private final RunDirectory folder;
    private final TrainingListener listener;
    private final Environment environment;
    private volatile boolean stopRequested;

    /// Creates the trainer of a run in one process, without starting it.
    ///
    /// @param recipe the settings of the run
    /// @param folder the folder of the run
    /// @param listener receives the progress of the run
    public Trainer(Recipe recipe, Path folder, TrainingListener listener) {
        this(recipe, folder, listener, Environment.of(ProcessGroup.single()));
    }

    /// Creates the trainer of one process of a run; all processes have the same recipe.
    ///
    /// @param recipe the settings of the run
    /// @param folder the folder of the run, which only the first process uses
    /// @param listener receives the progress of the run in this process
    /// @param environment the processes of the run
    public Trainer(Recipe recipe, Path folder, TrainingListener listener, Environment environment) {
        this.recipe = recipe;
        this.folder = new RunDirectory(folder);
        this.listener = listener;
        this.environment = environment;
    }

    /// The environment of a run.
    ///
    /// @param group the run's processes
    /// @param measurement an interceptor of step measurements, which a test may replace
    public record Environment(ProcessGroup group, Measurement measurement) {

        /// Returns the environment of a run in several processes.
        ///
        /// @param group the processes
        /// @return the environment
        public static Environment of(ProcessGroup group) {
            return new Environment(group, (_, measured) -> measured);
        }
    }

    /// An interceptor of a step's measurements, with which a test can inject a fault.
    @FunctionalInterface
    public interface Measurement {

        /// Intercepts the measurements of a step.
        ///
        /// @param position the position where the step's text begins
        /// @param measured the measurements
        /// @return the measurements for the run to use
        StepResult seen(LoaderPosition position, StepResult measured);
    }

    /// Requests a stop: the run finishes its step and saves its state, then {@link #run} returns. May be called
    /// from any thread at any time.
    public void requestStop() {
        stopRequested = true;
    }

    /// Trains until the run is complete or a stop is requested.
    ///
    /// @param resume whether to resume the run in the folder; otherwise the folder must not contain a run
    /// @return the outcome of the run
    /// @throws InputException if the recipe, the data, the tokenizer and the folder are inconsistent
    /// @throws NonFiniteLossException if a loss or gradient is NaN or infinite and spike detection is off; the
    ///     states saved before are intact
    /// @throws SpikeLimitException if there are more consecutive spikes than the recipe allows
    /// @throws IOException if a write fails; everything saved before is intact
    public TrainingOutcome run(boolean resume) throws IOException {
        return run(resume, List.of());
    }

    /// Trains until the run is complete or a stop is requested; the folder may have been moved since the run
    /// began.
    ///
    /// @param resume whether to resume the run in the folder; otherwise the folder must not contain a run
    /// @param mayDiffer recipe keys that may have changed since the run began; meant only for locations such
    ///     as `data.dataset`, because the data themselves are compared by hash
    /// @return the outcome of the run
    /// @throws InputException if the recipe, the data, the tokenizer and the folder are inconsistent
    /// @throws NonFiniteLossException if a loss or gradient is NaN or infinite and spike detection is off; the
    ///     states saved before are intact
    /// @throws SpikeLimitException if there are more consecutive spikes than the recipe allows
    /// @throws IOException if a write fails; everything saved before is intact
    public TrainingOutcome run(boolean resume, List<String> mayDiffer) throws IOException {
        try {
            TrainingDevice.require(recipe, environment.group());
            return environment.group().isFirst() ? lead(resume, mayDiffer) : follow();
        } catch (IOException | RuntimeException | Error e) {
            environment.group().abandon(e);
            throw e;
        }
    }

    private TrainingOutcome lead(boolean resume, List<String> mayDiffer) throws IOException {
        folder.requireNothingElse();
        RunInputs inputs = RunInputs.open(recipe);
        RunDirectory.Before before = folder.before();
        boolean isStarting = false;
        try (DirectoryLock _ = DirectoryLock.acquire(folder.path())) {
            isStarting = true;
            TrainingPlan plan = begin(inputs, resume, mayDiffer);
            try (TrainingSession session = open(inputs, plan)) {
                isStarting = false;
                return train(session);
            }
        } catch (InputException refused) {
            if (isStarting) {
                folder.restore(before);
            }
            throw refused;
        }
    }

    private TrainingPlan begin(RunInputs inputs, boolean resume, List<String> mayDiffer) throws IOException {
        Optional<StateDirectory> saved =
                resume ? folder.resume(recipe, mayDiffer, listener::onWarning) : folder.requireNoRun();
        TrainingPlan plan = TrainingPlan.of(recipe, inputs, saved);
        folder.begin(
                recipe,
                plan.base().map(BaseCheckpoint::checkpoint),
                inputs.teacher().map(teacher -> teacher.origin(inputs.data().hash())),
                inputs.data().companions());
        inputs.data().notes().forEach(listener::onWarning);
        ProcessGroup group = environment.group();
        group.awaitFirst(); // Checking a large saved state may take long.
        group.textOfFirst(recipe.toYaml());
        group.textOfFirst(inputs.data().hash());
        group.textOfFirst(plan.toText());
        return plan;
    }

    /// Starts from what the first process sends, and writes nothing.
    private TrainingOutcome follow() throws IOException {
        ProcessGroup group = environment.group();
        RunInputs inputs = RunInputs.open(recipe);
        group.awaitFirst();
        List<String> differences =
                recipe.differences(Recipe.parse(group.textOfFirst(""), List.of()), FREE_IN_A_PROCESS);
        String dataHash = group.textOfFirst("");
        if (!differences.isEmpty() || !dataHash.equals(inputs.data().hash())) {
            throw new InputException("rank " + group.rank() + " must have the same recipe and data as rank 0, got "
                    + (differences.isEmpty() ? "other data" : String.join("; ", differences)));
        }
        TrainingPlan plan = TrainingPlan.following(recipe, inputs, group.textOfFirst(""));
        try (TrainingSession session = open(inputs, plan)) {
            return train(session);
        }
    }

    /// Fetches the inputs of a run that are in object storage. A process should do so before it joins a group, whose
    /// processes wait for each other only for a limited time.
    ///
    /// @param recipe the settings of the run
    /// @throws InputException if an input is missing, or inconsistent with the others
    public static void fetchInputs(Recipe recipe) {
        boolean isRemote = Stream.of(
                        recipe.data().dataset(),
                        recipe.data().conversations().map(ConversationSection::path),
                        recipe.tokenizer().file(),
                        recipe.initialisation().from())
                .flatMap(Optional::stream)
                .anyMatch(path -> StorageLocation.in(path).isPresent());
        if (isRemote) {
            RunInputs _ = RunInputs.open(recipe);
        }
    }

    private TrainingSession open(RunInputs inputs, TrainingPlan plan) throws IOException {
        return TrainingSession.open(new TrainingRun(recipe, inputs, folder, plan, listener, environment));
    }

    private TrainingOutcome train(TrainingSession session) throws IOException {
        listener.onStart(session.start());
        session.validateBase();
        while (!session.isComplete() && !isStopRequested()) {
            session.step();
        }
        session.save();
        TrainingOutcome outcome = session.outcome();
        listener.onStop(outcome);
        return outcome;
    }

    /// Whether any process has received a stop request: all of them then end at the same step.
    private boolean isStopRequested() {
        return environment.group().sums(stopRequested ? 1 : 0)[0] > 0;
    }
}
