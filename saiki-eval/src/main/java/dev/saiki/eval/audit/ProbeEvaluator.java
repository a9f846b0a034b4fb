package dev.saiki.eval.audit;

import dev.saiki.eval.audit.RouterAudit.Probe;
import dev.saiki.eval.audit.RouterAudit.ProbeLevel;
import dev.saiki.io.InputException;
import dev.saiki.model.ScoreOptions;
import dev.saiki.model.TracedSequence;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// An evaluator that gives a model problems of known difficulty and measures the depth of the tokens that predict
/// the answers.
///
/// Problems follow one another in a window, separated by end-of-text tokens, as documents do in training. An
/// answer is right if each of its tokens is the model's top prediction given the tokens before it.
final class ProbeEvaluator {

    private final SequenceTracer model;
    private final Tokenizer tokenizer;
    private final int context;
    private final ScoreOptions scoring;

    ProbeEvaluator(SequenceTracer model, Tokenizer tokenizer, int context, ScoreOptions scoring) {
        this.model = model;
        this.tokenizer = tokenizer;
        this.context = context;
        this.scoring = scoring;
    }

    /// A problem in a window.
    ///
    /// @param problem the problem
    /// @param first index in the window of the answer's first token
    /// @param end index after the answer's last token
    private record ProblemSpan(ProbeProblem problem, int first, int end) {}

    /// The model's answer to a problem. Problems are independent, so each is a cluster of its own.
    ///
    /// @param cluster number of the problem
    /// @param problem the problem
    /// @param depth mean depth of the tokens that predict the answer
    /// @param isRight whether every token of the answer is the top prediction
    /// @param loss mean loss per answer token
    private record ProblemScore(int cluster, ProbeProblem problem, double depth, boolean isRight, double loss)
            implements Observation {}

    /// Evaluates the model on all problems.
    List<Probe> ask(List<ProbeProblem> problems) {
        List<int[]> windows = new ArrayList<>();
        List<List<ProblemSpan>> places = new ArrayList<>();
        pack(problems, windows, places);
        List<TracedSequence> traced = model.trace(windows, scoring);
        Map<String, List<ProblemScore>> byTask = new LinkedHashMap<>();
        int number = 0;
        for (int window = 0; window < windows.size(); window++) {
            for (ProblemSpan place : places.get(window)) {
                ProblemScore answer = answer(number++, place, traced.get(window));
                byTask.computeIfAbsent(place.problem().task(), _ -> new ArrayList<>())
                        .add(answer);
            }
        }
        return byTask.entrySet().stream()
                .map(task -> probe(task.getKey(), task.getValue()))
                .toList();
    }

    private void pack(List<ProbeProblem> problems, List<int[]> windows, List<List<ProblemSpan>> places) {
        List<Integer> ids = new ArrayList<>();
        List<ProblemSpan> inWindow = new ArrayList<>();
        for (ProbeProblem problem : problems) {
            int[] prompt = tokenizer.encode(problem.prompt());
            int[] whole = tokenizer.encode(problem.text());
            if (whole.length <= prompt.length || whole.length + 1 > context) {
                throw new InputException("probes: '" + problem.text() + "' has " + whole.length
                        + " tokens; the answer needs at least 1 token, and the problem with the end-of-text token"
                        + " before it may have at most " + context);
            }
            if (ids.size() + 1 + whole.length > context) {
                windows.add(ids.stream().mapToInt(Integer::intValue).toArray());
                places.add(List.copyOf(inWindow));
                ids.clear();
                inWindow.clear();
            }
            ids.add(tokenizer.endOfTextId());
            inWindow.add(new ProblemSpan(problem, ids.size() + prompt.length, ids.size() + whole.length));
            for (int id : whole) {
                ids.add(id);
            }
        }
        windows.add(ids.stream().mapToInt(Integer::intValue).toArray());
        places.add(List.copyOf(inWindow));
    }

    private static ProblemScore answer(int number, ProblemSpan place, TracedSequence window) {
        double depth = 0;
        double loss = 0;
        boolean right = true;
        for (int t = place.first(); t < place.end(); t++) {
            depth += window.scored().depths()[t - 1];
            loss -= window.scored().logprobs()[t];
            right &= window.likeliest()[t];
        }
        int tokens = place.end() - place.first();
        return new ProblemScore(number, place.problem(), depth / tokens, right, loss / tokens);
    }

    private static Probe probe(String task, List<ProblemScore> answers) {
        Map<Integer, List<ProblemScore>> byDifficulty = answers.stream()
                .collect(Collectors.groupingBy(
                        answer -> answer.problem().difficulty(), TreeMap::new, Collectors.toList()));
        List<ProbeLevel> levels = new ArrayList<>();
        byDifficulty.forEach((difficulty, some) -> levels.add(new ProbeLevel(
                difficulty,
                some.size(),
                ClusterStatistics.mean(some, ProblemScore::depth),
                ClusterStatistics.share(some, ProblemScore::isRight),
                ClusterStatistics.mean(some, ProblemScore::loss))));
        return new Probe(
                task,
                ClusterStatistics.correlation(
                        answers, answer -> answer.problem().difficulty(), ProblemScore::depth),
                levels);
    }
}
