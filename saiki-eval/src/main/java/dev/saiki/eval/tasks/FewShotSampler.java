package dev.saiki.eval.tasks;

import dev.saiki.eval.tasks.Task.FewShotSelection;
import dev.saiki.io.InputException;
import dev.saiki.text.corpus.DataRow;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// A sampler of the solved examples that precede a document. For the same seed, the sampler draws the same
/// examples as lm-evaluation-harness.
///
/// One generator serves all documents of a task in sequence, so documents must be passed in order.
final class FewShotSampler {

    private final FewShotSelection choice;
    private final int shots;
    private final List<DataRow> rows;
    private final List<Item> items;
    private final PythonRandom random;

    /// Reads the examples of a task, unless the number of examples is zero.
    FewShotSampler(Task task, EvaluationOptions options) {
        this.choice = task.shots().choice();
        this.shots = choice == FewShotSelection.NONE ? 0 : options.shots();
        this.random = new PythonRandom(options.seed());
        this.rows = shots == 0 ? List.of() : task.shots().source().read(options.data());
        this.items = rows.stream().map(task.reader()).toList();
        int needed = shots + (choice == FewShotSelection.DRAWN_WITH_SPARE ? 1 : 0);
        if (shots > 0 && rows.size() < needed) {
            throw new InputException(task.name() + ": --num-fewshot must be at most "
                    + (rows.size() - (needed - shots)) + " with " + rows.size()
                    + " documents to take examples from, got " + shots);
        }
    }

    int shots() {
        return shots;
    }

    /// The examples before a document, as one text.
    String before(DataRow document) {
        StringBuilder text = new StringBuilder();
        chosen(document).forEach(at -> text.append(items.get(at).solved()));
        return text.toString();
    }

    private List<Integer> chosen(DataRow document) {
        if (shots == 0) {
            return List.of();
        }
        return switch (choice) {
            case NONE -> List.of();
            case FIRST -> IntStream.range(0, shots).boxed().toList();
            case DRAWN -> drawn(shots, document);
            case DRAWN_WITH_SPARE -> drawn(shots + 1, document);
        };
    }

    private List<Integer> drawn(int count, DataRow document) {
        List<Integer> kept = new ArrayList<>();
        Arrays.stream(random.sample(rows.size(), count))
                .filter(at -> !rows.get(at).values().equals(document.values()))
                .limit(shots)
                .forEach(kept::add);
        return kept;
    }
}
