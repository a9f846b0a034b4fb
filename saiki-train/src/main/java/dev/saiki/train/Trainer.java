package dev.saiki.train;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.saiki.io.DirectoryLock;
import dev.saiki.io.InputException;
import dev.saiki.tensor.ProcessGroup;
import dev.saiki.text.dataset.LoaderPosition;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;

/// The training of one model by a recipe, in one folder.
///
/// A run can stop at any moment, by request, error or power loss. It continues from its newest saved state and
/// reaches the same weights and losses as an undisturbed run. Everything that a step depends on is in the state:
/// weights and buffers, the optimizer's moments, the counters, the position in the data. Random numbers of a step
/// are drawn from the seed and the step.
///
/// A step writes in a fixed order: metrics line, checkpoint `best`, checkpoint `last`, state. Whatever a crash cuts
/// off comes after the saved state, and is written again.
public final class Trainer {

    private static final long NO_STATE = -1;

    /// Keys in which the processes of a run may differ.
    private static final List<String> FREE_IN_A_PROCESS =
            List.of("parallelism.workers", "data.dataset", "tokenizer.file", "initialisation.from");

    private final Recipe recipe;
    private final RunDirectory folder;
    private final TrainingListener listener;
    private final Environment environment;
    private volatile boolean stopRequested;

    /// Makes the trainer of a run in one process; nothing happens yet.
    ///
    /// @param recipe what to train, on what, how
    /// @param folder the folder of the run
    /// @param listener follows the run
    public Trainer(Recipe recipe, Path folder, TrainingListener listener) {
        this(recipe, folder, listener, Environment.of(ProcessGroup.single()));
    }

    /// Makes the trainer of one process of a run; all processes have the same recipe and see the same folder.
    ///
    /// @param recipe what to train, on what, how
    /// @param folder the folder of the run; only the first process writes to it, except for shards of states
    /// @param listener follows the run in this process
    /// @param environment the processes of the run
    public Trainer(Recipe recipe, Path folder, TrainingListener listener, Environment environment) {
        this.recipe = recipe;
        this.folder = new RunDirectory(folder);
        this.listener = listener;
        this.environment = environment;
    }

    /// The environment of a run: its processes, and what a test may replace.
    public static final class Environment {

        private final ProcessGroup group;
        private final Clock clock;
        private final Measurement measurement;

        private Environment(ProcessGroup group, Clock clock, Measurement measurement) {
            this.group = group;
            this.clock = clock;
            this.measurement = measurement;
        }

        /// The environment of a run in several processes.
        ///
        /// @param group the processes
        /// @return the environment, with the clock of the system
        public static Environment of(ProcessGroup group) {
            return new Environment(group, Clock.systemUTC(), (_, measured) -> measured);
        }

        /// This environment with another clock for the lines of metrics.
        Environment with(Clock other) {
            return new Environment(group, other, measurement);
        }

        /// This environment with other measurements of steps.
        Environment with(Measurement other) {
            return new Environment(group, clock, other);
        }

        ProcessGroup group() {
            return group;
        }

        Clock clock() {
            return clock;
        }

        Measurement measurement() {
            return measurement;
        }
    }

    /// A view of a step's measurements, into which a test can inject a fault.
    @FunctionalInterface
    interface Measurement {

        /// Sees a step.
        ///
        /// @param position where its text begins
        /// @param measured what was measured
        /// @return the measurements that the run uses
        StepResult seen(LoaderPosition position, StepResult measured);
    }

    /// Requests a stop: the run finishes its step, saves its state, and {@link #run} returns. May be called from any
    /// thread, at any time.
    public void requestStop() {
        stopRequested = true;
    }

    /// Trains until all steps are taken or a stop is requested.
    ///
    /// @param resume go on with the run that the folder holds; else the folder must not hold one
    /// @return how it ended
    /// @throws InputException if the recipe, the data, the tokenizer and the folder do not go together
    /// @throws NonFiniteLossException if a loss or gradient is NaN or infinite; the states saved before are good
    /// @throws SpikeLimitException if more steps in a row stand out than the recipe bears
    /// @throws IOException if something cannot be written; what was saved before is unharmed
    public TrainingOutcome run(boolean resume) throws IOException {
        return run(resume, List.of());
    }

    /// Trains until all steps are taken or a stop is requested, in a folder that may have been moved.
    ///
    /// @param resume go on with the run that the folder holds; else the folder must not hold one
    /// @param mayDiffer keys of the recipe that may have changed since the run began; only for those that say
    ///     where something lies, such as `data.dataset`: the data themselves are compared by their hash
    /// @return how it ended
    /// @throws InputException if the recipe, the data, the tokenizer and the folder do not go together
    /// @throws NonFiniteLossException if a loss or gradient is NaN or infinite; the states saved before are good
    /// @throws SpikeLimitException if more steps in a row stand out than the recipe bears
    /// @throws IOException if something cannot be written; what was saved before is unharmed
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
                folder.putBack(before);
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
        share(recipe.toYaml());
        share(inputs.data().hash());
        environment.group().sums(saved.map(state -> state.state().step()).orElse(NO_STATE));
        return plan;
    }

    /// Follows the first process from the state that it found, and writes nothing.
    private TrainingOutcome follow() throws IOException {
        RunInputs inputs = RunInputs.open(recipe);
        List<String> differences = recipe.differences(Recipe.parse(share(""), List.of()), FREE_IN_A_PROCESS);
        String dataHash = share("");
        if (!differences.isEmpty() || !dataHash.equals(inputs.data().hash())) {
            throw new InputException("rank " + environment.group().rank() + " must have the same recipe and data as"
                    + " rank 0, got " + (differences.isEmpty() ? "other data" : String.join("; ", differences)));
        }
        long step = environment.group().sums(0)[0];
        Optional<StateDirectory> saved =
                step == NO_STATE ? Optional.empty() : Optional.of(StateDirectory.open(folder.state(step)));
        TrainingPlan plan = TrainingPlan.of(recipe, inputs, saved);
        try (TrainingSession session = open(inputs, plan)) {
            return train(session);
        }
    }

    /// Sends a text from the first process to all others.
    ///
    /// @param text ignored in the others
    /// @return the first one's text
    private String share(String text) {
        byte[] sent = environment.group().gather(text.getBytes(UTF_8)).getFirst();
        return new String(sent, UTF_8);
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

    /// Whether a stop was requested in any process: all of them end at the same step.
    private boolean isStopRequested() {
        return environment.group().sums(stopRequested ? 1 : 0)[0] > 0;
    }
}
