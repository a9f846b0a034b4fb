package dev.saiki.server;

import static org.assertj.core.api.Assertions.assertThat;

import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.eval.tasks.EngineContinuationScorer;
import dev.saiki.eval.tasks.EvaluatedModel;
import dev.saiki.eval.tasks.Evaluation;
import dev.saiki.eval.tasks.EvaluationOptions;
import dev.saiki.eval.tasks.LoggedSample;
import dev.saiki.eval.tasks.Metric;
import dev.saiki.eval.tasks.Task;
import dev.saiki.eval.tasks.TaskRegistry;
import dev.saiki.eval.tasks.TaskResult;
import dev.saiki.testkit.TinyModels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.ToIntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/// Whole tasks as lm-evaluation-harness runs them with `local-completions`: from the rows of a file over
/// tokens, cut to their length, and batched requests to the metrics, by the harness's own arithmetic. The
/// results are compared with those of `saiki eval`.
class HarnessTaskTest {

    /// What the harness is given as `max_length`; it keeps one position of it for the token that it has to
    /// ask for.
    private static final int MAX_LENGTH = TestServer.CONTEXT;

    private static final int BATCH = 3;

    @TempDir
    private static Path folder;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.in(folder);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    /// A prompt in tokens, and the number of tokens of its context.
    private record Asked(List<Integer> ids, int contextLength) {}

    /// The values that the harness takes from an answer.
    private record Scored(double logprob, boolean isGreedy) {}

    private static List<Integer> tokens(String text) {
        JsonNode answer = server.post("/tokenize", "{\"prompt\":" + quoted(text) + ",\"add_special_tokens\":false}")
                .succeeds();
        return answer.get("tokens").values().stream().map(JsonNode::intValue).toList();
    }

    private static String quoted(String text) {
        return JsonNodeFactory.instance.stringNode(text).toString();
    }

    /// The prefix token before an empty context; white space at the end of one goes to the continuation;
    /// what is too long loses its beginning.
    private static Asked encoded(String context, String continuation) {
        List<Integer> before;
        List<Integer> after;
        if (context.isEmpty()) {
            String end =
                    server.get("/tokenizer_info").succeeds().get("eos_token").stringValue();
            before = tokens(end);
            after = tokens(continuation);
        } else {
            String stripped = context.stripTrailing();
            before = tokens(stripped);
            List<Integer> whole = tokens(context + continuation);
            after = whole.subList(before.size(), whole.size());
        }
        int longest = MAX_LENGTH - 1;
        List<Integer> ids = new ArrayList<>(before);
        ids.addAll(after);
        int cut = Math.max(0, ids.size() - longest);
        return new Asked(ids.subList(cut, ids.size()), before.size() - cut);
    }

    /// Sends the longest prompts first, in batches, and returns the scores in the original order.
    private static List<Scored> scored(List<Asked> asked) {
        List<Integer> order = IntStream.range(0, asked.size())
                .boxed()
                .sorted(Comparator.comparingInt(index -> -asked.get(index).ids().size()))
                .toList();
        Scored[] scored = new Scored[asked.size()];
        for (int from = 0; from < order.size(); from += BATCH) {
            List<Integer> batch = order.subList(from, Math.min(order.size(), from + BATCH));
            List<Scored> answers = post(batch.stream().map(asked::get).toList());
            for (int i = 0; i < batch.size(); i++) {
                scored[batch.get(i)] = answers.get(i);
            }
        }
        return Arrays.asList(scored);
    }

    private static List<Scored> post(List<Asked> batch) {
        String prompts = batch.stream().map(one -> one.ids().toString()).collect(Collectors.joining(","));
        JsonNode choices = server.post(
                        "/v1/completions",
                        "{\"model\":\"tiny\",\"prompt\":[" + prompts
                                + "],\"temperature\":0,\"max_tokens\":1,\"logprobs\":1,\"seed\":1234,\"echo\":true}")
                .succeeds()
                .get("choices");
        List<JsonNode> sorted = choices.values().stream()
                .sorted(Comparator.comparingInt(choice -> choice.get("index").intValue()))
                .toList();
        return IntStream.range(0, batch.size())
                .mapToObj(
                        i -> scored(sorted.get(i).get("logprobs"), batch.get(i).contextLength()))
                .toList();
    }

    private static Scored scored(JsonNode logprobs, int contextLength) {
        assertThat(contextLength).isPositive();
        double sum = 0;
        boolean greedy = true;
        JsonNode tokens = logprobs.get("token_logprobs");
        for (int position = contextLength; position < tokens.size() - 1; position++) {
            double logprob = tokens.get(position).doubleValue();
            double best = logprobs.get("top_logprobs").get(position).values().stream()
                    .mapToDouble(JsonNode::doubleValue)
                    .max()
                    .orElseThrow();
            sum += logprob;
            greedy &= logprob == best;
        }
        return new Scored(sum, greedy);
    }

    /// The same task by `saiki eval --engine cpu`, of a model that reads as much as the harness sends:
    /// without the token that is written, and without the last one of the prompt, which is predicted and
    /// not read.
    private static TaskResult evaluated(Task task, List<LoggedSample> samples) {
        EvaluatedModel model = new EvaluatedModel(
                TinyModels.ofText(TestServer.TOKENIZER.vocabSize(), MAX_LENGTH - 2),
                TestServer.TOKENIZER,
                new EngineContinuationScorer(server.engine(), RouteSettings.MODEL, 5),
                Integer.MAX_VALUE);
        EvaluationOptions options =
                new EvaluationOptions(Optional.empty(), 0, OptionalInt.empty(), EvaluationOptions.USUAL_SEED);
        return new Evaluation(model, options, samples::add).run(task);
    }

    private static Path rows(String name, List<String> rows) throws IOException {
        return Files.write(folder.resolve(name), rows, StandardCharsets.UTF_8);
    }

    private static void areTheSame(List<Scored> scored, List<LoggedSample> samples) {
        List<Scored> own = samples.stream()
                .flatMap(sample -> sample.answers().stream())
                .map(answer -> new Scored(answer.logLikelihood(), answer.isGreedy()))
                .toList();
        assertThat(scored).isEqualTo(own);
    }

    private static double value(TaskResult result, Metric metric) {
        return result.find(metric).orElseThrow().value();
    }

    /// The share of rows in which the choice with the highest log-likelihood divided by size is right.
    private static double accuracy(
            List<String> choices, int perRow, List<Scored> scored, List<Integer> gold, ToIntFunction<String> size) {
        int right = 0;
        for (int row = 0; row < gold.size(); row++) {
            int best = 0;
            for (int choice = 1; choice < perRow; choice++) {
                int at = row * perRow;
                double score = scored.get(at + choice).logprob() / size.applyAsInt(choices.get(at + choice));
                if (score > scored.get(at + best).logprob() / size.applyAsInt(choices.get(at + best))) {
                    best = choice;
                }
            }
            right += best == gold.get(row) ? 1 : 0;
        }
        return right / (double) gold.size();
    }

    @Test
    void aTaskOfChoicesGetsTheNumbersOfTheEvaluation() throws IOException {
        List<String> choices = List.of("the whale", "a ship at sea", "él capitán", "鯨", "the end of it all", "no");
        List<String> contexts = new ArrayList<>(List.of("", "Who is it? ", "the captain", "Call me", "a\tb", "\"so\""));
        // Some prompts are too long, one of them by a single token.
        int room = MAX_LENGTH - 1 - tokens(" the end of it all").size();
        contexts.add("x".repeat(room));
        contexts.add("x".repeat(room + 1));
        contexts.add("the sea and the ship ".repeat(60));
        List<String> rows = new ArrayList<>();
        List<Asked> asked = new ArrayList<>();
        List<String> all = new ArrayList<>();
        List<Integer> gold = new ArrayList<>();
        for (int row = 0; row < contexts.size(); row++) {
            gold.add(row % 3);
            int first = row % 4;
            List<String> own = choices.subList(first, first + 3);
            rows.add("{\"context\":" + quoted(contexts.get(row)) + ",\"choices\":"
                    + own.stream().map(HarnessTaskTest::quoted).collect(Collectors.joining(",", "[", "]"))
                    + ",\"answer\":" + row % 3 + "}");
            for (String choice : own) {
                asked.add(encoded(contexts.get(row), " " + choice));
            }
            all.addAll(own);
        }
        List<Scored> scored = scored(asked);
        List<LoggedSample> samples = new ArrayList<>();
        TaskResult result = evaluated(TaskRegistry.multipleChoice(rows("quiz.jsonl", rows)), samples);
        areTheSame(scored, samples);
        assertThat(result.truncated()).isPositive();
        assertThat(value(result, Metric.ACC)).isEqualTo(accuracy(all, 3, scored, gold, _ -> 1));
        assertThat(value(result, Metric.ACC_NORM))
                .isEqualTo(accuracy(all, 3, scored, gold, choice -> choice.codePointCount(0, choice.length())));
        assertThat(value(result, Metric.ACC_BYTES))
                .isEqualTo(accuracy(all, 3, scored, gold, choice -> choice.getBytes(StandardCharsets.UTF_8).length));
    }

    @Test
    void aTaskOfTextsToBeFinishedGetsTheNumbersOfTheEvaluation() throws IOException {
        List<String> contexts = List.of("the captain and the", "the ship ".repeat(40) + "is", "Call", "so ");
        List<String> targets = List.of("whale", "lost", "me Ishmael", "it ended");
        List<String> rows = new ArrayList<>();
        List<Asked> asked = new ArrayList<>();
        for (int row = 0; row < contexts.size(); row++) {
            rows.add("{\"context\":" + quoted(contexts.get(row)) + ",\"target\":" + quoted(targets.get(row)) + "}");
            asked.add(encoded(contexts.get(row), " " + targets.get(row)));
        }
        List<Scored> scored = scored(asked);
        List<LoggedSample> samples = new ArrayList<>();
        TaskResult result = evaluated(TaskRegistry.cloze(rows("cloze.jsonl", rows)), samples);
        areTheSame(scored, samples);
        double mean = scored.stream().mapToDouble(Scored::logprob).sum() / scored.size();
        assertThat(value(result, Metric.PERPLEXITY)).isEqualTo(Math.exp(-mean));
        assertThat(value(result, Metric.ACC))
                .isEqualTo(scored.stream().filter(Scored::isGreedy).count() / (double) scored.size());
    }
}
