package dev.saiki.train;

import dev.saiki.checkpoint.BaseModel;
import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.provenance.TeacherOrigin;
import dev.saiki.io.AtomicFiles;
import dev.saiki.io.InputException;
import dev.saiki.train.deepening.OnePassBase;
import dev.saiki.train.metrics.MetricsLog;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The folder of one run: its files, and the checks of its content before the run starts.
///
/// The folder contains `recipe.resolved.yaml`, `metrics.jsonl`, `tensorboard/`, the checkpoints `last/` and
/// `best/`, and the newest few resumable states `step-<n>/`. If the run started from a checkpoint, the folder also
/// contains `base.json` and `base/`, and if the run has a teacher, `teacher.json`.
///
/// @param path the folder
public record RunDirectory(Path path) {

    /// The name of the resolved recipe.
    public static final String RECIPE = "recipe.resolved.yaml";

    /// The name of the newest checkpoint.
    public static final String LAST = CheckpointDirectory.LAST;

    /// The name of the checkpoint with the lowest validation loss.
    public static final String BEST = "best";

    /// The prefix of the folder names of saved states.
    public static final String STATE_PREFIX = StateDirectory.PREFIX;

    private static final String BASE = "base.json";
    private static final String BASE_FILES = "base";
    private static final String TEACHER = "teacher.json";
    private static final String TENSORBOARD = "tensorboard";

    /// Files that a run may leave if it ends before its recipe is written.
    private static final Set<String> BEFORE_THE_RECIPE = Set.of(BASE, BASE_FILES, TEACHER, TENSORBOARD, LAST, BEST);

    private static final int MAX_NAMED = 3;

    private static final Pattern STATE_NAME = Pattern.compile(StateDirectory.PREFIX + "(\\d{1,18})");
    private static final String DAMAGED_SUFFIX = ".damaged";
    private static final String DOOMED_SUFFIX = ".old" + AtomicFiles.TEMPORARY_SUFFIX;

    Path metrics() {
        return path.resolve(MetricsLog.FILE_NAME);
    }

    Path tensorboard() {
        return path.resolve(TENSORBOARD);
    }

    /// Returns the path of the resolved recipe, which marks the folder as a run's.
    ///
    /// @return a file
    public Path recipe() {
        return path.resolve(RECIPE);
    }

    /// Returns the path of the newest checkpoint.
    ///
    /// @return a folder
    public Path last() {
        return path.resolve(LAST);
    }

    Path best() {
        return path.resolve(BEST);
    }

    /// Returns the path of the state after a step.
    ///
    /// @param step steps taken
    /// @return a folder
    public Path state(long step) {
        return path.resolve(StateDirectory.PREFIX + step);
    }

    /// Checks that the folder is missing, empty or the folder of a run. In a folder with other files, the run's
    /// files would be hard to identify.
    ///
    /// @throws InputException if the folder contains other files, which the message names
    void requireNothingElse() throws IOException {
        if (!Files.exists(path)) {
            return;
        }
        InputException.require(Files.isDirectory(path), path + ":", "a folder", "a file");
        if (holdsRun()) {
            return;
        }
        List<String> others = children().stream()
                .map(RunDirectory::nameOf)
                .filter(name -> !name.startsWith(".")
                        && !name.endsWith(AtomicFiles.TEMPORARY_SUFFIX)
                        && !BEFORE_THE_RECIPE.contains(name))
                .sorted()
                .toList();
        if (!others.isEmpty()) {
            throw new InputException(path
                    + ": must be a new or empty folder, or the folder of a run, got a folder with "
                    + String.join(", ", others.subList(0, Math.min(MAX_NAMED, others.size())))
                    + (others.size() > MAX_NAMED ? " and " + (others.size() - MAX_NAMED) + " more" : "")
                    + "; choose another folder, or delete this one");
        }
    }

    private List<Path> children() throws IOException {
        try (Stream<Path> children = Files.list(path)) {
            return children.toList();
        }
    }

    private static String nameOf(Path child) {
        return child.getFileName().toString();
    }

    /// The content of a folder before a run starts in it.
    ///
    /// @param exists whether the folder exists
    /// @param holdsRun whether the folder already contains a run
    /// @param names the names of the folder's entries
    record Before(boolean exists, boolean holdsRun, Set<String> names) {}

    Before before() throws IOException {
        if (!Files.exists(path)) {
            return new Before(false, false, Set.of());
        }
        return new Before(
                true,
                holdsRun(),
                children().stream().map(RunDirectory::nameOf).collect(Collectors.toUnmodifiableSet()));
    }

    /// Deletes the files of a run that failed before its first step, and so restores the folder. The folder
    /// of a resumed run is left unchanged.
    void restore(Before before) throws IOException {
        if (!before.exists()) {
            AtomicFiles.deleteRecursively(path);
            return;
        }
        if (before.holdsRun()) {
            return;
        }
        for (Path child : children()) {
            if (!before.names().contains(nameOf(child))) {
                AtomicFiles.deleteRecursively(child);
            }
        }
    }

    /// Checks that a new run can start in this folder.
    ///
    /// @return empty, because there is no state
    Optional<StateDirectory> requireNoRun() throws IOException {
        if (holdsRun()) {
            throw new InputException(path + ": already holds a run; continue it with --resume,"
                    + " or use another folder for the new run");
        }
        return Optional.empty();
    }

    /// Returns the checkpoint that the run started from.
    ///
    /// @return empty if the run started from fresh weights
    Optional<BaseModel> base() {
        Path file = path.resolve(BASE);
        return Files.exists(file) ? Optional.of(BaseModel.read(file)) : Optional.empty();
    }

    /// Returns the frozen model that teaches the run.
    ///
    /// @return the teacher; empty if there is none
    Optional<TeacherOrigin> teacher() {
        Path file = path.resolve(TEACHER);
        return Files.exists(file) ? Optional.of(TeacherOrigin.read(file)) : Optional.empty();
    }

    /// Returns the one-pass model that the run's model contains.
    ///
    /// @return the model; empty if the run's model contains none
    Optional<OnePassBase> onePass() throws IOException {
        return OnePassBase.read(path.resolve(BASE_FILES));
    }

    /// Returns the {@link CheckpointDirectory#COMPANIONS} to store with each of the run's checkpoints.
    ///
    /// @return content by file name; empty if there are none or the run started from fresh weights
    SequencedMap<String, byte[]> companions() throws IOException {
        SequencedMap<String, byte[]> found = new LinkedHashMap<>();
        for (String name : CheckpointDirectory.COMPANIONS) {
            Path file = path.resolve(BASE_FILES).resolve(name);
            if (Files.exists(file)) {
                found.put(name, Files.readAllBytes(file));
            }
        }
        return found;
    }

    /// Writes the origin of the weights, and then the recipe, which marks the folder as a run's; to be called
    /// after all input is validated.
    ///
    /// @param base the checkpoint that the run starts from; empty with fresh weights, and for a resumed run
    ///     without an adapter
    /// @param teacher the teacher; also given for a resumed run
    /// @param more additional files by name, besides those of the base
    /// @throws InputException if the run began with another checkpoint, teacher or teacher's text
    void begin(
            Recipe recipe,
            Optional<CheckpointDirectory> base,
            Optional<TeacherOrigin> teacher,
            Map<String, byte[]> more)
            throws IOException {
        if (teacher.isPresent()) {
            requireSameTeacher(teacher.get());
            teacher.get().write(path.resolve(TEACHER));
        }
        if (base.isPresent()) {
            BaseModel model = BaseModel.of(base.get());
            if (Files.exists(recipe())
                    && !base().map(BaseModel::contentHash).equals(Optional.of(model.contentHash()))) {
                throw new InputException(path + ": the run started from another model than the one now in "
                        + model.path() + "; start a new run in another folder");
            }
            SequencedMap<String, byte[]> companions = base.get().companions();
            companions.putAll(more);
            AtomicFiles.writeDirectory(path.resolve(BASE_FILES), folder -> {
                for (Map.Entry<String, byte[]> companion : companions.entrySet()) {
                    Files.write(folder.resolve(companion.getKey()), companion.getValue());
                }
                Optional<OnePassBase> onePass = OnePassBase.of(base.get(), model.contentHash());
                if (onePass.isPresent()) {
                    onePass.get().write(folder);
                }
            });
            model.write(path.resolve(BASE));
        }
        if (!Files.exists(recipe())) {
            AtomicFiles.writeString(recipe(), recipe.toYaml());
        }
    }

    private void requireSameTeacher(TeacherOrigin teacher) {
        Optional<TeacherOrigin> before = teacher();
        if (Files.exists(recipe()) && before.isPresent()) {
            TeacherOrigin known = before.get();
            if (!known.contentHash().equals(teacher.contentHash())) {
                throw new InputException(path + ": the run started with another teacher than the one now in "
                        + teacher.path() + "; start a new run in another folder");
            }
            if (!known.dataHash().equals(teacher.dataHash())) {
                throw new InputException(path + ": the run started with other text in objective.teacher.dataset (then"
                        + " hash " + known.dataHash() + ", now hash " + teacher.dataHash()
                        + "); start a new run in another folder");
            }
        }
    }

    /// Checks that a run with this recipe can resume in this folder, and finds the run's newest usable state.
    ///
    /// @param mayDiffer recipe keys that may have changed
    /// @return the newest usable state; empty if the run ended before it saved a state, or never started
    Optional<StateDirectory> resume(Recipe recipe, List<String> mayDiffer, Consumer<String> warnings)
            throws IOException {
        removeLeftovers();
        if (!holdsRun()) {
            warnings.accept(path + " contains no run to resume; starting from step 0");
            return Optional.empty();
        }
        requireSameRecipe(recipe, mayDiffer);
        List<Long> steps = states();
        Optional<StateDirectory> newest = newestUsable(steps, warnings);
        if (newest.isEmpty() && !steps.isEmpty()) {
            throw new InputException(path + ": no saved state is usable; start a new run in another folder");
        }
        if (newest.isEmpty()) {
            warnings.accept(path + " contains no saved state; starting from step 0");
        }
        return newest;
    }

    /// Deletes all states except the newest ones and those that are kept permanently.
    void retain(int newest, Collection<Long> stay) throws IOException {
        List<Long> steps = states();
        for (Long step : steps.subList(Math.min(newest, steps.size()), steps.size())) {
            if (!stay.contains(step)) {
                remove(step);
            }
        }
    }

    /// Deletes all states after a step.
    void removeAfter(long last) throws IOException {
        for (long step : states()) {
            if (step > last) {
                remove(step);
            }
        }
    }

    /// Deletes a state. Its folder is renamed first, so that a process killed during deletion leaves no partial
    /// state under a valid name.
    private void remove(long step) throws IOException {
        Path doomed = path.resolve(StateDirectory.PREFIX + step + DOOMED_SUFFIX);
        AtomicFiles.deleteRecursively(doomed);
        Files.move(state(step), doomed);
        AtomicFiles.deleteRecursively(doomed);
    }

    /// Returns the step numbers of all states, usable or not.
    ///
    /// @return the step numbers, newest first
    /// @throws IOException if the folder cannot be read
    public List<Long> states() throws IOException {
        return children().stream()
                .map(child -> STATE_NAME.matcher(nameOf(child)))
                .filter(Matcher::matches)
                .map(matcher -> Long.valueOf(matcher.group(1)))
                .sorted(Comparator.reverseOrder())
                .toList();
    }

    private Optional<StateDirectory> newestUsable(List<Long> steps, Consumer<String> warnings) throws IOException {
        for (long step : steps) {
            try {
                return Optional.of(StateDirectory.open(state(step)));
            } catch (InputException damaged) {
                Path aside = path.resolve(StateDirectory.PREFIX + step + DAMAGED_SUFFIX);
                warnings.accept(
                        damaged.getMessage() + "; renamed to " + aside.getFileName() + "; the previous state is used");
                AtomicFiles.deleteRecursively(aside);
                Files.move(state(step), aside);
            }
        }
        return Optional.empty();
    }

    private boolean holdsRun() throws IOException {
        return Files.exists(recipe()) || Files.exists(metrics()) || !states().isEmpty();
    }

    private void requireSameRecipe(Recipe recipe, List<String> mayDiffer) {
        Path file = recipe();
        InputException.require(Files.exists(file), file + ": no such file; a run cannot be resumed without its recipe");
        List<String> differences = recipe.differences(Recipe.load(file, List.of()), mayDiffer);
        if (!differences.isEmpty()) {
            throw new InputException(path + ": the run started with another recipe (" + String.join("; ", differences)
                    + "); resume it with its own recipe, or start a new run in another folder");
        }
    }

    private void removeLeftovers() throws IOException {
        for (Path child : children()) {
            if (nameOf(child).endsWith(AtomicFiles.TEMPORARY_SUFFIX)) {
                AtomicFiles.deleteRecursively(child);
            }
        }
        AtomicFiles.recoverDirectory(last());
        AtomicFiles.recoverDirectory(best());
        for (long step : states()) {
            AtomicFiles.recoverDirectory(state(step));
        }
    }
}
