package dev.saiki.rollout.proxy;

import dev.saiki.http.ApiException;
import dev.saiki.http.RequestBody;
import dev.saiki.rollout.course.Position;
import dev.saiki.rollout.course.Rollout;
import dev.saiki.rollout.course.TrafficSlices;
import dev.saiki.rollout.journal.Subject;
import dev.saiki.rollout.pair.Side;
import dev.saiki.rollout.plan.GatewayPlan;
import dev.saiki.rollout.plan.RolloutState;
import dev.saiki.rollout.plan.Stage;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// The traffic splitter: it assigns a request to a side by the rollout's state and the request's conversation.
public final class TrafficSplitter {

    private static final Pattern STORED = Pattern.compile("/v1/responses/([^/]+)(?:/.*)?");

    /// The number of conversations whose comparison is remembered, so that a second request of one, which would not
    /// count, is not sent to the other side.
    private static final int REMEMBERED = 100_000;

    private final GatewayPlan plan;
    private final Rollout rollout;
    private final RecentKeys compared = new RecentKeys(REMEMBERED);
    private volatile @Nullable Conversations conversations;

    /// Creates a splitter.
    ///
    /// @param plan the plan of the rollout
    /// @param rollout the rollout with the current position
    public TrafficSplitter(GatewayPlan plan, Rollout rollout) {
        this.plan = plan;
        this.rollout = rollout;
    }

    /// Created on first use, since the secret is unknown until the database has been reached.
    private Conversations conversations() {
        Conversations known = conversations;
        if (known == null) {
            known = new Conversations(rollout.secret());
            conversations = known;
        }
        return known;
    }

    /// Returns the keyed hash of a user's name, as stored in the database.
    ///
    /// @param user the name
    /// @return hexadecimal digits
    public String subject(String user) {
        return conversations().subject(user);
    }

    /// Decides which side answers. Without its database the gateway could not record the candidate's results, so
    /// the baseline answers all requests, unless the baseline is retired.
    ///
    /// @throws ApiException if the request names no known side, or continues what the retired baseline stored
    Assignment assign(ForwardedRequest request, String tenant) {
        Position position = rollout.position();
        Optional<Side> forced = request.header(GatewayPlan.FORCE_HEADER).map(TrafficSplitter::forced);
        if (forced.isPresent()) {
            return assignment(position, new Subject(tenant, ""), forced.get(), Assignment.Cause.FORCED);
        }
        if (!rollout.databaseIsUp() && position.state() != RolloutState.RETIRED) {
            return passed(position, new Subject(tenant, ""), Side.BASELINE);
        }
        Subject subject = new Subject(
                tenant, Conversations.user(request).map(this::subject).orElse(""));
        boolean isMoved = request.model().equals(plan.model());
        if (!request.isGeneration() || !isMoved) {
            return passed(position, subject, unmoved(request, isMoved, position));
        }
        return moved(request, tenant, position, subject);
    }

    private static Assignment passed(Position position, Subject subject, Side side) {
        return assignment(position, subject, side, Assignment.Cause.PASSED);
    }

    private static Assignment assignment(Position position, Subject subject, Side side, Assignment.Cause cause) {
        return new Assignment(position, side, cause, "", false, Optional.empty(), subject);
    }

    private static Side forced(String word) {
        return Arrays.stream(Side.values())
                .filter(side -> side.word().equals(word))
                .findFirst()
                .orElseThrow(() -> ApiException.invalid(
                        "the header " + GatewayPlan.FORCE_HEADER + " must be baseline or candidate, got "
                                + RequestBody.shortened(word),
                        null));
    }

    /// The side for a request that the rollout does not move: the writer of the stored answer whose id is in the
    /// path, or the baseline. Embeddings of two models cannot be mixed, so the baseline computes them until it is
    /// retired.
    private Side unmoved(ForwardedRequest request, boolean isOfRollout, Position position) {
        Matcher stored = STORED.matcher(request.path());
        if (stored.matches()) {
            return writer(stored.group(1), position);
        }
        return isOfRollout && position.state() == RolloutState.RETIRED ? Side.CANDIDATE : Side.BASELINE;
    }

    /// The side that wrote a stored answer. An answer of unknown origin is looked for at the side in charge.
    ///
    /// @throws ApiException if only the retired baseline has the answer
    private Side writer(String answer, Position position) {
        Optional<Side> writer = rollout.sideOf(answer);
        if (position.state() != RolloutState.RETIRED) {
            return writer.orElse(Side.BASELINE);
        }
        if (writer.equals(Optional.of(Side.BASELINE))) {
            throw retired("the answer " + answer, "previous_response_id");
        }
        return Side.CANDIDATE;
    }

    private static ApiException retired(String what, String field) {
        return ApiException.invalid(
                what + " is stored by the baseline, which is retired; send the whole conversation in input, without "
                        + field,
                field);
    }

    private Assignment moved(ForwardedRequest request, String tenant, Position position, Subject subject) {
        Stage stage = position.stage();
        Conversations known = conversations();
        String conversation = known.of(request, tenant);
        Optional<Side> bound = bound(request, position);
        Side side = bound.orElseGet(() -> side(position, conversation));
        boolean isChosen = bound.isEmpty()
                && rollout.databaseIsUp()
                && request.canBeMirrored()
                && switch (position.state()) {
                    case SHADOW -> known.place(conversation, "mirror") < stage.share();
                    case CANARY, CERTIFIED, FULL, RETIRED ->
                        side == Side.CANDIDATE && known.place(conversation, "compare") < stage.compare();
                    case ABORTED -> false;
                };
        int turn = Traits.turn(request.fields());
        Optional<Assignment.Comparison> comparison =
                isChosen ? comparison(request, tenant, position, conversation, turn) : Optional.empty();
        Assignment.Cause cause = bound.isPresent() ? Assignment.Cause.CONTINUED : Assignment.Cause.MOVED;
        return new Assignment(position, side, cause, conversation, turn == 1, comparison, subject);
    }

    /// Two requests of a conversation are compared: the first one in a run, and a later turn that is drawn beforehand,
    /// the second one in half of the conversations, the third one in a quarter, and so on.
    private Optional<Assignment.Comparison> comparison(
            ForwardedRequest request, String tenant, Position position, String conversation, int turn) {
        Conversations known = conversations();
        if (compared.add(position.run() + "/" + conversation)) {
            Traits traits = new Traits(known, plan);
            return Optional.of(new Assignment.Comparison(conversation, true, traits.of(request, tenant)));
        }
        int drawn = 2 - (int) Math.ceil(Math.log(1 - known.place(conversation, "turn")) / Math.log(2));
        return turn == drawn
                ? Optional.of(new Assignment.Comparison(conversation + "-later", false, List.of(TrafficSlices.LATER)))
                : Optional.empty();
    }

    /// The side that must answer a request because it continues an answer stored on that side.
    private Optional<Side> bound(ForwardedRequest request, Position position) {
        JsonNode fields = request.fields();
        if (fields.path("previous_response_id").isString()) {
            return Optional.of(writer(fields.path("previous_response_id").stringValue(), position));
        }
        if (!fields.hasNonNull("conversation")) {
            return Optional.empty();
        }
        if (position.state() == RolloutState.RETIRED) {
            throw retired("every conversation with an id", "conversation");
        }
        return Optional.of(Side.BASELINE);
    }

    private Side side(Position position, String conversation) {
        return switch (position.state()) {
            case SHADOW, ABORTED -> Side.BASELINE;
            case CANARY, CERTIFIED ->
                conversations().place(conversation, "answer") < position.stage().share()
                        ? Side.CANDIDATE
                        : Side.BASELINE;
            case FULL, RETIRED -> Side.CANDIDATE;
        };
    }
}
