package dev.saiki.eval.tasks;

import dev.saiki.eval.Estimate;
import dev.saiki.eval.ScoringWindow;
import dev.saiki.eval.TextScore;
import dev.saiki.io.InputException;
import dev.saiki.model.Continuation;
import dev.saiki.model.ScoredContinuation;
import dev.saiki.text.corpus.Document;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

/// An evaluation that scores every token of its texts once, in windows of the model's context length.
record PerplexityEvaluation(EvaluatedModel model) {

    /// Tokenized texts, and their sizes in the units of the perplexities.
    private record Texts(List<int[]> ids, int documents, long words, long bytes) {}

    TaskResult run(PerplexityTask task, OptionalInt limit) {
        int context = model.config().maxPositionEmbeddings();
        int stride = task.stride().orElse(context);
        if (stride < 1 || stride > context) {
            throw new InputException(
                    "--stride must be from 1 to " + context + " (config.json: max_position_embeddings), got " + stride);
        }
        Texts texts = read(task, limit);
        List<ScoringWindow> windows = ScoringWindow.rolling(texts.ids(), model.prefixId(), context + 1, stride);
        List<Continuation> continuations =
                windows.stream().map(ScoringWindow::continuation).toList();
        List<ScoredContinuation> scored = model.scorer().score(continuations);
        List<TextScore.Window> measured = new ArrayList<>();
        EvaluationCost spent = EvaluationCost.NOTHING;
        for (int i = 0; i < windows.size(); i++) {
            measured.add(TextScore.Window.of(
                    windows.get(i),
                    model.tokenizer(),
                    -scored.get(i).logLikelihood(),
                    scored.get(i).depths(),
                    model.config().numRecursions()));
            spent = spent.plus(
                    EvaluationCost.on(model.config(), model.maxDepth(), continuations.get(i), scored.get(i)));
        }
        TextScore score = new TextScore(measured, model.config().numRecursions());
        return new TaskResult(
                task.name(),
                Task.VERSION,
                0,
                texts.documents(),
                texts.ids().size(),
                0,
                Double.NaN,
                metrics(score.nll(), score.tokens(), texts),
                spent);
    }

    private Texts read(PerplexityTask task, OptionalInt limit) {
        List<int[]> ids = new ArrayList<>();
        int documents = 0;
        long words = 0;
        long bytes = 0;
        try (Stream<Document> stream = task.corpus().documents()) {
            for (Document document : (Iterable<Document>) stream::iterator) {
                documents++;
                if (ids.size() < limit.orElse(Integer.MAX_VALUE)) {
                    ids.add(model.tokenizer().encode(document.text()));
                    words += PythonText.countWords(document.text());
                    bytes += document.text().getBytes(StandardCharsets.UTF_8).length;
                }
            }
        }
        return new Texts(ids, documents, words, bytes);
    }

    /// All perplexities come from one sum, divided by different counts, so their standard errors follow from the
    /// standard error of the mean per token.
    private static List<MetricValue> metrics(Estimate nll, long tokens, Texts texts) {
        return List.of(
                perplexity(Metric.WORD_PERPLEXITY, nll, (double) tokens / texts.words()),
                perplexity(Metric.BYTE_PERPLEXITY, nll, (double) tokens / texts.bytes()),
                scaled(Metric.BITS_PER_BYTE, nll, tokens / Math.log(2) / texts.bytes()),
                perplexity(Metric.TOKEN_PERPLEXITY, nll, 1),
                scaled(Metric.NLL, nll, 1));
    }

    private static MetricValue scaled(Metric metric, Estimate nll, double factor) {
        return new MetricValue(metric, nll.mean() * factor, nll.standardError() * factor);
    }

    private static MetricValue perplexity(Metric metric, Estimate nll, double tokensPerUnit) {
        double perplexity = Math.exp(nll.mean() * tokensPerUnit);
        return new MetricValue(metric, perplexity, perplexity * nll.standardError() * tokensPerUnit);
    }
}
