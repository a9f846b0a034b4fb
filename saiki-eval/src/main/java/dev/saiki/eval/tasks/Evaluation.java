package dev.saiki.eval.tasks;

import dev.saiki.eval.tasks.PromptEncoder.EncodedPrompt;
import dev.saiki.model.Continuation;
import dev.saiki.model.ScoredContinuation;
import dev.saiki.text.corpus.DataRow;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/// An evaluation of tasks on a model.
///
/// @param model the model
/// @param options the settings of the evaluation
/// @param samples receives the prompts and answers of each document
public record Evaluation(EvaluatedModel model, EvaluationOptions options, Consumer<LoggedSample> samples) {

    /// Reads and encodes the documents of a task, so that errors in them are reported before scoring starts.
    ///
    /// @param task the task
    /// @throws dev.saiki.io.InputException if the task's data are missing or invalid, or a document does not fit
    ///     the model
    public void check(Task task) {
        read(task);
    }

    /// Runs one task.
    ///
    /// @param task the task
    /// @return the result
    /// @throws dev.saiki.io.InputException if the task's data are missing or invalid
    public TaskResult run(Task task) {
        Documents documents = read(task);
        List<Continuation> continuations = documents.encoded().stream()
                .flatMap(List::stream)
                .map(EncodedPrompt::continuation)
                .toList();
        List<ScoredContinuation> scored = model.scorer().score(continuations);
        int truncated = 0;
        EvaluationCost spent = EvaluationCost.NOTHING;
        Map<Metric, double[]> values = new EnumMap<>(Metric.class);
        task.metrics().forEach(metric -> values.put(metric, new double[documents.count()]));
        double chance = 0;
        int at = 0;
        for (int document = 0; document < documents.count(); document++) {
            List<EncodedPrompt> encoded = documents.encoded().get(document);
            List<ScoredContinuation> answers = scored.subList(at, at + encoded.size());
            for (int i = 0; i < encoded.size(); i++) {
                Continuation asked = encoded.get(i).continuation();
                spent = spent.plus(EvaluationCost.on(model.config(), model.maxDepth(), asked, answers.get(i)));
                truncated += encoded.get(i).dropped() > 0 ? 1 : 0;
            }
            at += encoded.size();
            judge(task, documents, document, answers, values);
            chance += documents.items().get(document).chance();
        }
        return new TaskResult(
                task.name(),
                Task.VERSION,
                documents.shots(),
                documents.inSplit(),
                documents.count(),
                truncated,
                chance / documents.count(),
                task.metrics().stream()
                        .map(metric -> MetricAggregation.of(metric, values.getOrDefault(metric, new double[0])))
                        .toList(),
                spent);
    }

    /// The documents of a task, encoded for scoring.
    private record Documents(
            int inSplit,
            int shots,
            List<DataRow> rows,
            List<Item> items,
            List<List<ContinuationPrompt>> prompts,
            List<List<EncodedPrompt>> encoded) {

        int count() {
            return rows.size();
        }
    }

    private Documents read(Task task) {
        List<DataRow> all = task.source().read(options.data());
        List<DataRow> rows = all.subList(0, Math.min(all.size(), options.limit().orElse(all.size())));
        List<Item> items = rows.stream().map(task.reader()).toList();
        FewShotSampler shots = new FewShotSampler(task, options);
        PromptEncoder encoder = model.encoder();
        List<List<ContinuationPrompt>> prompts = new ArrayList<>();
        List<List<EncodedPrompt>> encoded = new ArrayList<>();
        for (int i = 0; i < rows.size(); i++) {
            String where = rows.get(i).name();
            List<ContinuationPrompt> own = items.get(i).prompts(task.description() + shots.before(rows.get(i)));
            prompts.add(own);
            encoded.add(
                    own.stream().map(prompt -> encoder.encode(where, prompt)).toList());
        }
        return new Documents(all.size(), shots.shots(), rows, items, prompts, encoded);
    }

    private void judge(
            Task task,
            Documents documents,
            int document,
            List<ScoredContinuation> answers,
            Map<Metric, double[]> values) {
        Item item = documents.items().get(document);
        Map<Metric, Double> own = new EnumMap<>(Metric.class);
        values.forEach((metric, all) -> {
            all[document] = item.measure(metric, answers);
            own.put(metric, all[document]);
        });
        samples.accept(new LoggedSample(
                task.name(),
                document,
                documents.rows().get(document),
                item,
                documents.prompts().get(document),
                answers,
                own));
    }

    /// Scores texts.
    ///
    /// @param task the texts
    /// @return the result
    /// @throws dev.saiki.io.InputException if the documents cannot be read, or there are none
    public TaskResult run(PerplexityTask task) {
        return new PerplexityEvaluation(model).run(task, options.limit());
    }
}
