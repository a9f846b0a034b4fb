package dev.saiki.server.inspect;

import dev.saiki.engine.Engine;
import dev.saiki.engine.InspectedToken;
import dev.saiki.engine.ScoreRequest;
import dev.saiki.engine.Token;
import dev.saiki.engine.settings.PositionDepths;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.server.access.Route;
import dev.saiki.server.access.Work;
import dev.saiki.server.audit.AuditEntry;
import dev.saiki.server.audit.AuditedText;
import dev.saiki.server.deployment.ServedModel;
import dev.saiki.server.generation.Answer;
import dev.saiki.server.generation.Answers;
import dev.saiki.server.generation.Ask;
import dev.saiki.server.generation.EngineResult;
import dev.saiki.server.http.ApiException;
import dev.saiki.server.http.ClientGoneException;
import dev.saiki.server.http.Exchange;
import dev.saiki.server.http.Json;
import dev.saiki.server.http.RequestBody;
import dev.saiki.server.openai.GenerationFields;
import dev.saiki.server.prompt.Prompt;
import dev.saiki.server.settings.Limits;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/// `/inspect`: a text token by token, as the model saw it. How deep each went and what the router said of
/// it, what each recursion would have said next, what it cost; and how that changes when depths are forced.
public final class InspectEndpoint {

    /// Tokens that are looked at, at most: they go through the model one at a time.
    private static final int MOST_TOKENS = 512;

    private static final int USUAL_ALTERNATIVES = 3;
    private static final String DEPTHS = "depths";

    private final ServedModel model;
    private final Limits limits;

    public InspectEndpoint(ServedModel model, Limits limits) {
        this.model = model;
        this.limits = limits;
    }

    public List<Route> routes() {
        return List.of(new Route("POST", "/inspect", Work.ENGINE, this::answer));
    }

    private void answer(Exchange exchange) {
        RequestBody body = RequestBody.read(exchange, limits.bodyBytes());
        GenerationFields fields = new GenerationFields(body, model, limits);
        fields.requirePossible(List.of(), Set.of());
        if (fields.stream() || fields.choices(1) > 1) {
            throw ApiException.unsupported(
                    "an inspection is one answer in one piece, without stream, and with n of 1", "stream");
        }
        Prompt prompt = Prompt.of(
                body.value("prompt")
                        .orElseThrow(() -> ApiException.invalid("prompt is needed: a text, or token ids", "prompt")),
                "prompt",
                engine());
        int maxTokens = fields.maxTokens(prompt.ids().length, 0, 0);
        requireShort(prompt.ids().length + maxTokens);
        int alternatives =
                body.integer("top_logprobs", 0, ScoreRequest.MOST_ALTERNATIVES).orElse(USUAL_ALTERNATIVES);
        RouteSettings route = fields.route();
        Optional<PositionDepths> depths = depths(body, prompt.ids().length + maxTokens);
        Ask ask = new Ask(List.of(prompt), 1, maxTokens, fields.settings(prompt, maxTokens, 0), Set.of());
        AuditEntry.current().asked(ask.toAudit());
        InspectionCost cost = new InspectionCost(engine().config(), prompt.ids().length, route);
        Turns turns = new Turns();
        try (Exchange.Watch _ = exchange.watch(turns::abandon)) {
            int[] ids = maxTokens == 0 ? prompt.ids() : continued(turns, cost, ask);
            List<InspectedToken> routed = inspect(turns, cost, ids, alternatives, route);
            Optional<List<InspectedToken>> forced = depths.map(positions -> inspect(
                    turns,
                    cost,
                    ids,
                    alternatives,
                    route.toBuilder().forced(positions).build()));
            InspectionReport report = new InspectionReport(model, prompt.ids().length, route, routed);
            AuditEntry.current().spent(cost.toSpending());
            said(prompt, ids, routed);
            exchange.send(
                    200,
                    Json.CONTENT_TYPE,
                    Json.bytes(forced.map(report::toJson).orElseGet(report::toJson)));
        } catch (RuntimeException failure) {
            // What was computed until then was computed.
            if (cost.hasAny()) {
                AuditEntry.current().spent(cost.toSpending());
            }
            throw failure;
        }
    }

    private void said(Prompt prompt, int[] ids, List<InspectedToken> routed) {
        AuditEntry entry = AuditEntry.current();
        if (entry.wantsTexts()) {
            String written = engine().tokenizer().decode(Arrays.copyOfRange(ids, prompt.ids().length, ids.length));
            entry.said(new AuditedText(
                    prompt.text(),
                    written,
                    routed.stream().map(InspectedToken::depth).toList()));
        }
    }

    /// What the engine does for a client, one thing after the other, until the client is gone.
    private static final class Turns {

        private final AtomicReference<Runnable> giveUp = new AtomicReference<>(() -> {});
        private volatile boolean abandoned;

        void abandon() {
            abandoned = true;
            giveUp.get().run();
        }

        /// Waits for the next thing.
        ///
        /// @param orElse gives it up
        /// @throws ClientGoneException if nobody wants it any more
        <T> T await(Supplier<T> result, Runnable orElse) {
            giveUp.set(orElse);
            if (abandoned) {
                orElse.run();
            }
            try {
                return result.get();
            } catch (RuntimeException failure) {
                throw abandoned ? new ClientGoneException() : failure;
            }
        }
    }

    private Engine engine() {
        return model.engine();
    }

    private static void requireShort(int tokens) {
        if (tokens > MOST_TOKENS) {
            throw ApiException.invalid(
                    "prompt and max_tokens must be at most " + MOST_TOKENS + " tokens together, got " + tokens,
                    "prompt");
        }
    }

    private Optional<PositionDepths> depths(RequestBody body, int length) {
        RequestBody given = body.object(DEPTHS);
        Map<Integer, Integer> depths = new HashMap<>();
        for (String position : given.names()) {
            if (!position.matches("[0-9]{1,9}") || Integer.parseInt(position) >= length) {
                throw ApiException.invalid(
                        "depths must name positions from 0 to " + (length - 1) + ", got "
                                + RequestBody.shortened(position),
                        DEPTHS);
            }
            given.value(position).ifPresent(depth -> {
                int most = engine().config().numRecursions();
                if (!depth.isIntegralNumber()
                        || !depth.canConvertToInt()
                        || depth.intValue() < 1
                        || depth.intValue() > most) {
                    throw RequestBody.wrong(DEPTHS, "integers from 1 to " + most, depth);
                }
                depths.put(Integer.parseInt(position), depth.intValue());
            });
        }
        return depths.isEmpty() ? Optional.empty() : Optional.of(new PositionDepths(depths));
    }

    /// The prompt and what the model writes after it, as the router alone has it.
    private int[] continued(Turns turns, InspectionCost cost, Ask ask) {
        try (Answers answers = Answers.begin(model, ask)) {
            try {
                List<Answer> all = turns.await(() -> answers.all(() -> {}), answers::abandon);
                cost.wrote(all.getFirst().tokens().size());
                IntStream written = all.getFirst().tokens().stream().mapToInt(Token::id);
                int[] prompt = ask.prompts().getFirst().ids();
                return IntStream.concat(IntStream.of(prompt), written).toArray();
            } catch (RuntimeException failure) {
                answers.cutOff(new BitSet()).values().forEach(cost::cutOff);
                throw failure;
            }
        }
    }

    private List<InspectedToken> inspect(
            Turns turns, InspectionCost cost, int[] ids, int alternatives, RouteSettings route) {
        InspectionCost.Reading reading = cost.read(ids.length);
        CompletableFuture<List<InspectedToken>> inspection = engine().inspect(ids, alternatives, route, reading::take);
        try {
            return turns.await(() -> EngineResult.of(inspection, limits.answerTime()), () -> inspection.cancel(true));
        } finally {
            inspection.cancel(true);
        }
    }
}
