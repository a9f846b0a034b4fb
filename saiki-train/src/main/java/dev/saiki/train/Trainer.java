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

/// The training of one model as a recipe says, in one folder.
///
/// A run can be ended at any moment, by a request, an error or the loss of power, and goes on from its newest saved
/// state to the very weights and losses that it would have had without the interruption. For that, all that a step
/// depends on is in the state: weights and buffers, the optimizer's moments, the counters, the position in the data.
/// Everything random in a step is drawn from the seed and the number of the step.
///
/// The order of what is written at a step is fixed: the line of metrics, the checkpoint `best`, the checkpoint `last`,
/// the state. Whatever a crash cuts off is after the state that the run goes on from, and is written again.
public final class Trainer {

    private static final long NO_STATE = -1;

    /// Keys in which the processes of a run may differ.
    private static final List<String> FREE_IN_A_PROCESS =
            List.of("parallelism.workers", "data.dataset", "tokenizer.file", "initialisation.from");

    private final Recipe recipe;
    private final RunDirectory folder;
    private final TrainingListener listener;
    private final Surroundings surroundings;
    private volatile boolean stopRequested;

    /// Makes a trainer; nothing happens yet.
    ///
    /// @param recipe what to train, on what, how
    /// @param folder the folder of the run
    /// @param listener follows the run
    public Trainer(Recipe recipe, Path folder, TrainingListener listener) {
        this(recipe, folder, listener, Clock.systemUTC());
    }

    /// Makes the trainer of one process of a run; all of them have the same recipe, and see the same folder.
    ///
    /// @param recipe what to train, on what, how
    /// @param folder the folder of the run, which the first process alone writes to, but for shards of its
    ///     states
    /// @param listener follows the run in this process
    /// @param group the processes of the run
    public Trainer(Recipe recipe, Path folder, TrainingListener listener, ProcessGroup group) {
        this(recipe, folder, listener, new Surroundings(Clock.systemUTC(), (_, measured) -> measured, group));
    }

    Trainer(Recipe recipe, Path folder, TrainingListener listener, Clock clock) {
        this(recipe, folder, listener, clock, (_, measured) -> measured);
    }

    /// Makes a trainer that is told other things of its steps than were measured.
    Trainer(Recipe recipe, Path folder, TrainingListener listener, Clock clock, Measurement measurement) {
        this(recipe, folder, listener, new Surroundings(clock, measurement, ProcessGroup.single()));
    }

    Trainer(Recipe recipe, Path folder, TrainingListener listener, Surroundings surroundings) {
        this.recipe = recipe;
        this.folder = new RunDirectory(folder);
        this.listener = listener;
        this.surroundings = surroundings;
    }

    /// The things around a run that a test may replace, and the other processes.
    ///
    /// @param clock tells the time of lines of metrics
    /// @param measurement sees each step
    /// @param group the processes of the run
    record Surroundings(Clock clock, Measurement measurement, ProcessGroup group) {}

    /// A view of a step's measurements, in which a test can put a fault.
    @FunctionalInterface
    interface Measurement {

        /// Sees a step.
        ///
        /// @param position where its text begins
        /// @param measured what was measured
        /// @return what the run is told
        StepResult seen(LoaderPosition position, StepResult measured);
    }

    /// Asks the run to end: it finishes the step it is in, saves its state, and {@link #run} returns. May be
    /// called from any thread, at any time.
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
            TrainingDevice.require(recipe, surroundings.group());
            return surroundings.group().isFirst() ? lead(resume, mayDiffer) : follow();
        } catch (IOException | RuntimeException | Error e) {
            surroundings.group().abandon(e);
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
            try (TrainingSession session = TrainingSession.open(recipe, inputs, folder, plan, listener, surroundings)) {
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
        tell(recipe.toYaml());
        tell(inputs.data().hash());
        surroundings.group().sums(saved.map(state -> state.state().step()).orElse(NO_STATE));
        return plan;
    }

    /// Does what the first process does, with the state that it has found, and writes nothing.
    private TrainingOutcome follow() throws IOException {
        RunInputs inputs = RunInputs.open(recipe);
        List<String> differences = recipe.differences(Recipe.parse(tell(""), List.of()), FREE_IN_A_PROCESS);
        String dataHash = tell("");
        if (!differences.isEmpty() || !dataHash.equals(inputs.data().hash())) {
            throw new InputException("rank " + surroundings.group().rank() + " must have the recipe and the data of"
                    + " rank 0, got " + (differences.isEmpty() ? "other data" : String.join("; ", differences)));
        }
        long step = surroundings.group().sums(0)[0];
        Optional<StateDirectory> saved =
                step == NO_STATE ? Optional.empty() : Optional.of(StateDirectory.open(folder.state(step)));
        TrainingPlan plan = TrainingPlan.of(recipe, inputs, saved);
        try (TrainingSession session = TrainingSession.open(recipe, inputs, folder, plan, listener, surroundings)) {
            return train(session);
        }
    }

    /// Lets the first process tell all others something.
    ///
    /// @param text of no account in the others
    /// @return what the first one tells
    private String tell(String text) {
        byte[] told = surroundings.group().gather(text.getBytes(UTF_8)).getFirst();
        return new String(told, UTF_8);
    }

    private TrainingOutcome train(TrainingSession session) throws IOException {
        listener.onStart(session.start());
        session.validateBase();
        while (!session.isComplete() && !isStopRequested()) {
            Optional<StepResult> result = session.step();
            if (result.isPresent()) {
                Optional<ValidationReport> validation = session.validateIfDue();
                session.log(result.get(), validation);
                session.saveIfDue();
            }
        }
        session.saveIfUnsaved();
        TrainingOutcome outcome = session.outcome();
        listener.onStop(outcome);
        return outcome;
    }

    /// Whether any of the processes was asked to stop: all of them end at the same step.
    private boolean isStopRequested() {
        return surroundings.group().sums(stopRequested ? 1 : 0)[0] > 0;
    }
}
