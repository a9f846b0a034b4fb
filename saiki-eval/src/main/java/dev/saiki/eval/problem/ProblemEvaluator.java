package dev.saiki.eval.problem;

import dev.saiki.eval.ClusterMean;
import dev.saiki.eval.audit.SequenceTracer;
import dev.saiki.io.InputException;
import dev.saiki.model.TracedSequence;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.corpus.MarkedAnswer;
import dev.saiki.text.dataset.MarkedTokens;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// An evaluator of texts with marked answers.
///
/// Each text is read as documents are in training, after an end-of-text token. A text that is longer than the
/// context is read in windows that overlap by half, and an answer counts in the first window that contains its end.
/// An answer is right if each of its tokens is the likeliest given the tokens before it.
///
/// @param model the model
/// @param tokenizer its tokenizer
/// @param context the number of tokens that it reads
public record ProblemEvaluator(SequenceTracer model, Tokenizer tokenizer, int context) {

    /// The tokens of an answer in a window.
    ///
    /// @param difficulty of the answer
    /// @param first index of its first token
    /// @param end index after its last token
    private record Span(int difficulty, int first, int end) {}

    /// A piece of a document.
    ///
    /// @param document number of the document
    /// @param ids the tokens, at most as many as the context
    /// @param counted index of the first token that counts
    /// @param spans the answers that count
    @SuppressWarnings("ArrayRecordComponent") // A carrier that nothing compares.
    private record Window(int document, int[] ids, int counted, List<Span> spans) {}

    /// The model's answer to a problem.
    private record Answered(int document, int difficulty, boolean isRight, double depth, double loss) {}

    /// Evaluates texts.
    ///
    /// @param documents texts with marked answers, at least one answer in all
    /// @param settings the compute settings
    /// @return a result for each setting, in order
    /// @throws InputException if no answer is marked
    public List<ProblemResult> evaluate(List<Document> documents, List<ProblemSetting> settings) {
        List<Window> windows = new ArrayList<>();
        for (int document = 0; document < documents.size(); document++) {
            windows.addAll(windows(document, documents.get(document)));
        }
        if (windows.stream().allMatch(window -> window.spans().isEmpty())) {
            throw new InputException("problems: the texts must have marked answers, got none; `saiki data problems`"
                    + " writes such texts");
        }
        return settings.stream().map(setting -> evaluate(windows, setting)).toList();
    }

    private List<Window> windows(int number, Document document) {
        String text = Tokenizer.wellFormed(document.text());
        int[] encoded = tokenizer.encode(text);
        int[] ids = new int[encoded.length + 1];
        ids[0] = tokenizer.endOfTextId();
        System.arraycopy(encoded, 0, ids, 1, encoded.length);
        List<Span> spans = new ArrayList<>();
        for (MarkedAnswer answer : document.answers()) {
            BitSet marked = MarkedTokens.of(tokenizer, encoded, text, List.of(answer));
            if (!marked.isEmpty()) {
                spans.add(new Span(answer.difficulty(), marked.nextSetBit(0) + 1, marked.length() + 1));
            }
        }
        List<Window> windows = new ArrayList<>();
        int step = context / 2;
        int overlap = context - step;
        for (int start = 0; start == 0 || start + overlap < ids.length; start += step) {
            int from = start;
            int counted = start == 0 ? 1 : overlap;
            int end = Math.min(ids.length, start + context);
            List<Span> inside = spans.stream()
                    .filter(span -> span.first() > from && span.end() > from + counted && span.end() <= end)
                    .map(span -> new Span(span.difficulty(), span.first() - from, span.end() - from))
                    .toList();
            windows.add(new Window(number, Arrays.copyOfRange(ids, start, end), counted, inside));
        }
        return windows;
    }

    private ProblemResult evaluate(List<Window> windows, ProblemSetting setting) {
        List<TracedSequence> traced =
                model.trace(windows.stream().map(Window::ids).toList(), setting.options());
        List<Answered> answers = new ArrayList<>();
        DepthTotals totals = new DepthTotals();
        for (int i = 0; i < windows.size(); i++) {
            Window window = windows.get(i);
            TracedSequence trace = traced.get(i);
            BitSet predicting = new BitSet();
            for (Span span : window.spans()) {
                answers.add(answered(window.document(), span, trace));
                predicting.set(span.first() - 1, span.end() - 1);
            }
            totals.add(trace, window.counted(), predicting);
        }
        Map<Integer, List<Answered>> byDifficulty = new TreeMap<>();
        answers.forEach(answer -> byDifficulty
                .computeIfAbsent(answer.difficulty(), _ -> new ArrayList<>())
                .add(answer));
        List<ProblemResult.Level> levels = byDifficulty.entrySet().stream()
                .map(level -> level(level.getKey(), level.getValue()))
                .toList();
        return new ProblemResult(setting.label(), levels, totals.onAnswers(), totals.elsewhere(), totals.loss());
    }

    private static Answered answered(int document, Span span, TracedSequence trace) {
        boolean right = true;
        double depth = 0;
        double loss = 0;
        for (int token = span.first(); token < span.end(); token++) {
            right &= trace.likeliest()[token];
            depth += trace.scored().depths()[token - 1];
            loss -= trace.scored().logprobs()[token];
        }
        int tokens = span.end() - span.first();
        return new Answered(document, span.difficulty(), right, depth / tokens, loss / tokens);
    }

    private static ProblemResult.Level level(int difficulty, List<Answered> answers) {
        Map<Integer, List<Answered>> byDocument = new TreeMap<>();
        answers.forEach(answer -> byDocument
                .computeIfAbsent(answer.document(), _ -> new ArrayList<>())
                .add(answer));
        ClusterMean accuracy = ClusterMean.of(
                List.copyOf(byDocument.values()),
                ofDocument -> ofDocument.stream().filter(Answered::isRight).count(),
                List::size);
        return new ProblemResult.Level(
                difficulty,
                answers.size(),
                accuracy.share(),
                answers.stream().mapToDouble(Answered::depth).average().orElseThrow(),
                answers.stream().mapToDouble(Answered::loss).average().orElseThrow());
    }

    /// Sums of depths and losses over tokens.
    private static final class DepthTotals {

        private double answerDepth;
        private long answerTokens;
        private double otherDepth;
        private long otherTokens;
        private double loss;
        private long targets;

        void add(TracedSequence trace, int counted, BitSet predicting) {
            int[] depths = trace.scored().depths();
            for (int token = counted; token < depths.length; token++) {
                loss -= trace.scored().logprobs()[token];
                targets++;
                int depth = depths[token - 1];
                if (predicting.get(token - 1)) {
                    answerDepth += depth;
                    answerTokens++;
                } else {
                    otherDepth += depth;
                    otherTokens++;
                }
            }
        }

        double onAnswers() {
            return answerDepth / answerTokens;
        }

        double elsewhere() {
            return otherDepth / otherTokens;
        }

        double loss() {
            return loss / targets;
        }
    }
}
