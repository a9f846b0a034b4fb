package dev.saiki.rollout.journal;

import dev.saiki.http.Json;
import dev.saiki.rollout.pair.Outcome;
import dev.saiki.rollout.plan.PairRetention;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The pairs in the journal. Confined to one thread.
///
/// @param sql the connection
public record StoredPairs(SqlConnection sql) {

    /// The maximum number of rows removed at once; removing all at once might exceed the statement timeout.
    static final int FORGOTTEN_TOGETHER = 1000;

    public void add(List<FinishedPair> pairs, boolean withTexts) throws SQLException {
        sql.updateAll(
                "INSERT INTO rollout_pair (run, conversation, tenant, subject, at, json, request, baseline, candidate)"
                        + " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
                pairs.stream().map(pair -> row(pair, withTexts)).toList());
    }

    private static Object[] row(FinishedPair pair, boolean withTexts) {
        ObjectNode json = Json.object();
        json.put("kind", pair.kind().word());
        ObjectNode differences = json.putObject("differences");
        pair.observed().forEach((gate, sides) -> {
            if (Double.isFinite(sides.baseline()) && Double.isFinite(sides.candidate())) {
                differences.put(gate, sides.candidate() - sides.baseline());
            }
        });
        describe(json.putObject("baseline"), pair.pair().baseline());
        describe(json.putObject("candidate"), pair.pair().candidate());
        return new Object[] {
            pair.run(),
            pair.conversation(),
            pair.subject().tenant(),
            pair.subject().user(),
            pair.at().toEpochMilli(),
            Journal.text(json),
            Optional.of(storable(pair.pair().request())).filter(_ -> withTexts),
            text(pair.pair().baseline()).filter(_ -> withTexts),
            text(pair.pair().candidate()).filter(_ -> withTexts)
        };
    }

    private static void describe(ObjectNode json, Outcome outcome) {
        json.put("first_byte_ms", outcome.firstByte().toMillis());
        json.put("total_ms", outcome.total().toMillis());
        switch (outcome) {
            case Outcome.Answered answered -> {
                json.put("prompt_tokens", answered.promptTokens())
                        .put("completion_tokens", answered.completionTokens())
                        .put("cut_off", answered.isCutOff());
                answered.recursions()
                        .ifPresent(depth ->
                                json.put("mean_depth", depth.meanDepth()).put("flops_share", depth.flopsShare()));
            }
            case Outcome.Failed failed ->
                json.put("failed", failed.reason()).put("fault", failed.fault().word());
        }
    }

    private static Optional<String> text(Outcome outcome) {
        return outcome instanceof Outcome.Answered answered
                ? Optional.of(storable(answered.comparable()))
                : Optional.empty();
    }

    /// Replaces the character U+0000 in a text, since PostgreSQL cannot store it.
    public static String storable(String text) {
        return text.replace('\0', '\uFFFD');
    }

    /// Lists the newest pairs, newest first.
    ///
    /// @param tenant the tenant of the pairs; empty for all tenants
    public ArrayNode newest(Optional<String> tenant, int max) throws SQLException {
        List<Object> values = new ArrayList<>();
        tenant.ifPresent(values::add);
        values.add(max);
        ArrayNode pairs = Json.array();
        sql.select(
                        "SELECT run, conversation, tenant, at, json, request, baseline, candidate FROM rollout_pair"
                                + (tenant.isPresent() ? " WHERE tenant = ?" : "") + " ORDER BY number DESC LIMIT ?",
                        8,
                        values.toArray())
                .forEach(row -> {
                    ObjectNode pair = pairs.addObject();
                    pair.put("run", Long.parseLong(row.get(0)));
                    pair.put("conversation", row.get(1));
                    pair.put("tenant", row.get(2));
                    pair.put("at", Journal.instant(row.get(3)));
                    pair.set("outcome", Journal.json(row.get(4)));
                    pair.put("request", row.get(5));
                    pair.put("baseline", row.get(6));
                    pair.put("candidate", row.get(7));
                });
        return pairs;
    }

    /// Removes all pairs of a tenant, and all pairs of a user.
    ///
    /// @param tenant the name of an API key
    /// @param user keyed hash of a user's name
    /// @return the number removed
    public int erase(String tenant, String user) throws SQLException {
        return sql.update("DELETE FROM rollout_pair WHERE tenant = ? OR subject = ?", tenant, user);
    }

    /// Removes a batch of expired pairs.
    ///
    /// @param run the current run
    /// @return whether there may be more to remove
    public boolean forgetSome(PairRetention retention, long run, Instant now) throws SQLException {
        boolean old = forgetOldestRun(run, now.minus(retention.time()));
        boolean surplus = sql.update(
                        "DELETE FROM rollout_pair WHERE number IN (SELECT number FROM rollout_pair pair"
                                + " WHERE number <= (SELECT MAX(number) FROM rollout_pair) - ?"
                                + " AND NOT EXISTS (SELECT 1 FROM rollout_conversation WHERE run = pair.run"
                                + " AND key = pair.conversation AND entered = 0 AND run = ?) ORDER BY number LIMIT ?)",
                        retention.most(),
                        run,
                        FORGOTTEN_TOGETHER)
                == FORGOTTEN_TOGETHER;
        return old || surplus;
    }

    /// Removes a batch of the oldest run's pairs, if that run is over and its last pair is older than a given
    /// time. Of the current run nothing is read.
    private boolean forgetOldestRun(long current, Instant before) throws SQLException {
        String oldest = "(SELECT MIN(run) FROM rollout_pair WHERE run < ?)";
        return sql.update(
                        "DELETE FROM rollout_pair WHERE number IN (SELECT number FROM rollout_pair WHERE run = "
                                + oldest + " AND (SELECT MAX(at) FROM rollout_pair WHERE run = " + oldest
                                + ") < ? LIMIT ?)",
                        current,
                        current,
                        before.toEpochMilli(),
                        FORGOTTEN_TOGETHER)
                > 0;
    }
}
