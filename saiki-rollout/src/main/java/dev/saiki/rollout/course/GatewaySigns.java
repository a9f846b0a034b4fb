package dev.saiki.rollout.course;

import dev.saiki.rollout.journal.Journal;
import dev.saiki.rollout.journal.OpenConversation;
import dev.saiki.rollout.plan.GatewayPlan;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// The signs of life of the gateways that share a database. What a candidate owes to a gateway counts against it only
/// if that gateway worked for as long as it waited. Confined to one thread.
final class GatewaySigns {

    private static final String NAME = "gateway ";

    /// The time after which a gateway that has written nothing counts as stopped.
    private static final Duration SILENCE = Duration.ofSeconds(30);

    private static final Duration BETWEEN = Duration.ofSeconds(5);
    private static final Duration KEPT = Duration.ofDays(1);

    private static final Seen STOPPED = new Seen("0", 0);

    private final Clock clock;
    private final Journal database;
    private final GatewayPlan plan;
    private final Map<String, Seen> seen = new HashMap<>();
    private String own = UUID.randomUUID().toString();
    private final List<String> former = new ArrayList<>();
    private long last;

    /// A sign, and when this gateway saw it first; clocks of several machines need not agree.
    private record Seen(String sign, long sinceMillis) {}

    /// What becomes of a conversation that is not complete.
    enum Fate {
        /// Its pair may still come.
        WAITS,
        /// Its pair has not come in time, though its gateway works.
        OVERDUE,
        /// Its gateway has stopped.
        LOST
    }

    /// @param plan tells the longest time from the assignment of a request to its pair
    GatewaySigns(Clock clock, Journal database, GatewayPlan plan) {
        this.clock = clock;
        this.database = database;
        this.plan = plan;
    }

    /// The id of this gateway.
    String own() {
        return own;
    }

    /// Takes another id: the open conversations of the former one are then those of a gateway that has stopped.
    void renew() {
        former.add(own);
        own = UUID.randomUUID().toString();
        last = 0;
    }

    /// Reads the signs of all gateways, writes this gateway's if it is due, and removes those of gateways that stopped
    /// long ago.
    void give(Map<String, String> meta) throws SQLException {
        long now = clock.millis();
        meta.forEach((name, sign) -> {
            if (name.startsWith(NAME)) {
                seen.compute(
                        name,
                        (_, before) -> before == null || !before.sign().equals(sign) ? new Seen(sign, now) : before);
            }
        });
        if (now - last < BETWEEN.toMillis()) {
            return;
        }
        database.setMeta(NAME + own, Long.toString(now));
        last = now;
        for (String id : former) {
            database.removeMeta(NAME + id);
        }
        former.clear();
        for (Map.Entry<String, String> entry : meta.entrySet()) {
            if (entry.getKey().startsWith(NAME) && now - Long.parseLong(entry.getValue()) > KEPT.toMillis()) {
                database.removeMeta(entry.getKey());
            }
        }
    }

    /// Writes that this gateway stops.
    void end() throws SQLException {
        database.setMeta(NAME + own, STOPPED.sign());
    }

    /// The time at which a conversation that is not complete is looked at again. Signs are given until then too.
    Instant next(OpenConversation.Beginning beginning) {
        Instant soon = clock.instant().plus(BETWEEN);
        Instant deadline = Instant.ofEpochMilli(deadline(beginning));
        return beginning.gateway().equals(own) && deadline.isBefore(soon) ? deadline : soon;
    }

    /// The time by which the pair has come, if its gateway works, in milliseconds since 1970. A pair that waits for the
    /// baseline has more time, or what the candidate answered would be lost.
    private long deadline(OpenConversation.Beginning beginning) {
        return beginning.atMillis() + plan.longestComparison(beginning.owing()).toMillis();
    }

    /// Tells what becomes of a conversation that is not complete.
    Fate fate(OpenConversation.Beginning beginning) {
        long now = clock.millis();
        long deadline = deadline(beginning);
        if (beginning.gateway().equals(own)) {
            return now >= deadline ? Fate.OVERDUE : Fate.WAITS;
        }
        Seen other = seen.getOrDefault(NAME + beginning.gateway(), STOPPED);
        if (Long.parseLong(other.sign()) >= deadline) {
            return Fate.OVERDUE;
        }
        boolean isSilent = other.sign().equals(STOPPED.sign()) || now - other.sinceMillis() >= SILENCE.toMillis();
        return isSilent ? Fate.LOST : Fate.WAITS;
    }
}
