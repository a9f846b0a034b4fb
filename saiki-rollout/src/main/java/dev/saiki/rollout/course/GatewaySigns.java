package dev.saiki.rollout.course;

import dev.saiki.rollout.journal.Journal;
import dev.saiki.rollout.journal.OpenConversation;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
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
    private final long longestMillis;
    private final Map<String, Seen> seen = new HashMap<>();
    private String own = UUID.randomUUID().toString();
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

    /// @param longest the longest time from the assignment of a request to its pair
    GatewaySigns(Clock clock, Journal database, Duration longest) {
        this.clock = clock;
        this.database = database;
        this.longestMillis = longest.toMillis();
    }

    /// The id of this gateway.
    String own() {
        return own;
    }

    /// Takes another id: the open conversations of the former one are then those of a gateway that has stopped.
    void renew() {
        own = UUID.randomUUID().toString();
        last = 0;
    }

    /// Reads the signs of all gateways, writes an own one if it is time to, and forgets gateways that stopped long ago.
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
        Instant deadline = Instant.ofEpochMilli(beginning.atMillis() + longestMillis);
        return beginning.gateway().equals(own) && deadline.isBefore(soon) ? deadline : soon;
    }

    /// Tells what becomes of a conversation that is not complete.
    Fate fate(OpenConversation.Beginning beginning) {
        long now = clock.millis();
        long deadline = beginning.atMillis() + longestMillis;
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
