package dev.saiki.server.inspect;

import dev.saiki.engine.Engine;
import dev.saiki.engine.InspectedToken;
import dev.saiki.engine.ScoreRequest;
import dev.saiki.engine.Token;
import dev.saiki.engine.settings.PositionDepths;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.http.ApiException;
import dev.saiki.http.ClientGoneException;
import dev.saiki.http.Exchange;
import dev.saiki.http.Json;
import dev.saiki.http.RequestBody;
import dev.saiki.server.access.Endpoint;
import dev.saiki.server.access.Request;
import dev.saiki.server.audit.AuditEntry;
import dev.saiki.server.audit.AuditedText;
import dev.saiki.server.deployment.ModelDeployment;
import dev.saiki.server.generation.ActiveCall;
import dev.saiki.server.generation.EngineResult;
import dev.saiki.server.generation.GenerationCall;
import dev.saiki.server.protocol.GenerationFields;
import dev.saiki.server.protocol.PromptFields;
import dev.saiki.server.protocol.Protocol;
import dev.saiki.server.settings.RequestLimits;
import dev.saiki.text.chat.EncodedPrompt;
import java.util.Arrays;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/// The endpoint `/inspect`, which reports a text token by token: depths, router decisions, the prediction
/// after each recursion, and costs; for comparison, also the same under forced depths.
///
/// @param limits the limits on a request
public record InspectEndpoint(RequestLimits limits) implements Endpoint {

    private static final int DEFAULT_ALTERNATIVES = 3;
    private static final String DEPTHS = "depths";

    /// A parsed request.
    ///
    /// @param call the call with the prompt, and the length of the continuation to generate
    /// @param alternatives the number of likeliest tokens listed at each depth
    /// @param depths the depths to force, if any
    private record Inspection(GenerationCall call, int alternatives, Optional<PositionDepths> depths) {

        EncodedPrompt prompt() {
            return call.prompts().getFirst();
        }

        RouteSettings route() {
            return call.settings().route();
        }
    }

    @Override
    public void answer(Request asked) {
        RequestBody body = RequestBody.read(asked.exchange(), limits.bodyBytes());
        Request request = asked.forModel(body.text("model"));
        Inspection inspection = read(request, body);
        ModelDeployment model = request.deployment();
        EncodedPrompt prompt = inspection.prompt();
        RouteSettings route = inspection.route();
        AuditEntry entry = request.entry();
        entry.asked(inspection.call().toAudit());
        InspectionCost cost = new InspectionCost(model.engine().config(), prompt.ids().length, route);
        Turns turns = new Turns();
        try (Exchange.Watch _ = request.exchange().watch(turns::abandon)) {
            int[] ids = continued(model, inspection.call(), turns, cost);
            List<InspectedToken> routed = inspect(model.engine(), turns, cost, ids, inspection.alternatives(), route);
            Optional<List<InspectedToken>> forced = inspection
                    .depths()
                    .map(positions -> inspect(
                            model.engine(),
                            turns,
                            cost,
                            ids,
                            inspection.alternatives(),
                            route.toBuilder().forced(positions).build()));
            InspectionReport report = new InspectionReport(model, prompt.ids().length, route, routed);
            entry.spent(cost.toSpending());
            if (entry.wantsTexts()) {
                entry.said(said(model, prompt, ids, routed));
            }
            request.exchange()
                    .send(
                            200,
                            Json.CONTENT_TYPE,
                            Json.bytes(forced.map(report::toJson).orElseGet(report::toJson)));
        } catch (RuntimeException failure) {
            // Records the cost of the tokens that were computed before the failure.
            if (cost.hasAny()) {
                entry.spent(cost.toSpending());
            }
            throw failure;
        }
    }

    private Inspection read(Request request, RequestBody body) {
        Engine engine = request.deployment().engine();
        GenerationFields fields = new GenerationFields(body, request, limits, Protocol.CHAT);
        fields.requirePossible(List.of(), Set.of());
        if (fields.stream() || fields.choices(1) > 1) {
            throw ApiException.unsupported(
                    "stream must be false and n must be 1: an inspection is one answer, sent whole", "stream");
        }
        EncodedPrompt prompt = PromptFields.of(
                body.value("prompt")
                        .orElseThrow(() -> ApiException.invalid(
                                "prompt must be a text or a list of token ids, got none", "prompt")),
                "prompt",
                body,
                engine);
        int maxTokens = fields.maxTokens(prompt.ids().length, OptionalInt.of(0), 0);
        int length = prompt.ids().length + maxTokens;
        requireShort(length);
        int alternatives =
                body.integer("top_logprobs", 0, ScoreRequest.MAX_ALTERNATIVES).orElse(DEFAULT_ALTERNATIVES);
        Optional<PositionDepths> depths = depths(body, length, engine.config().numRecursions());
        return new Inspection(fields.inspected(prompt, maxTokens), alternatives, depths);
    }

    private static AuditedText said(
            ModelDeployment model, EncodedPrompt prompt, int[] ids, List<InspectedToken> routed) {
        int[] written = Arrays.copyOfRange(ids, prompt.ids().length, ids.length);
        return new AuditedText(
                prompt.text(),
                model.engine().tokenizer().decode(written),
                routed.stream().map(InspectedToken::depth).toList());
    }

    /// The successive engine calls of an inspection, which a disconnect of the client cancels.
    private static final class Turns {

        private final AtomicReference<Runnable> giveUp = new AtomicReference<>(() -> {});
        private volatile boolean abandoned;

        void abandon() {
            abandoned = true;
            giveUp.get().run();
        }

        /// Waits for the result of the next call.
        ///
        /// @param orElse the action that cancels the call if the client disconnects
        /// @throws ClientGoneException if the client has disconnected
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

    private static void requireShort(int tokens) {
        if (tokens > RequestLimits.INSPECTED_TOKENS) {
            throw ApiException.invalid(
                    "prompt and max_tokens must be at most " + RequestLimits.INSPECTED_TOKENS + " tokens together, got "
                            + tokens,
                    "prompt");
        }
    }

    private static Optional<PositionDepths> depths(RequestBody body, int length, int most) {
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

    /// The prompt and its continuation at the router's depths.
    private int[] continued(ModelDeployment model, GenerationCall call, Turns turns, InspectionCost cost) {
        int[] prompt = call.promptOf(0).ids();
        if (call.maxTokens() == 0) {
            return prompt;
        }
        try (ActiveCall active = ActiveCall.start(model, call)) {
            try {
                List<Token> written = turns.await(() -> active.all(() -> {}), active::abandon)
                        .getFirst()
                        .tokens();
                cost.wrote(written.size());
                return IntStream.concat(IntStream.of(prompt), written.stream().mapToInt(Token::id))
                        .toArray();
            } catch (RuntimeException failure) {
                active.cutOff(new BitSet()).values().forEach(cost::cutOff);
                throw failure;
            }
        }
    }

    private List<InspectedToken> inspect(
            Engine engine, Turns turns, InspectionCost cost, int[] ids, int alternatives, RouteSettings route) {
        InspectionCost.Reading reading = cost.read(ids.length);
        CompletableFuture<List<InspectedToken>> inspection = engine.inspect(ids, alternatives, route, reading::take);
        try {
            return turns.await(() -> EngineResult.of(inspection, limits.answerTime()), () -> inspection.cancel(true));
        } finally {
            inspection.cancel(true);
        }
    }
}
