package dev.saiki.rollout.course;

import dev.saiki.http.Json;
import dev.saiki.rollout.journal.Journal;
import dev.saiki.rollout.journal.RolloutEvent;
import dev.saiki.rollout.plan.GatewayPlan;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The slices of traffic: how many conversations have each trait, such as `script=japanese`, which traits have tests of
/// their own, and which users send more conversations than may count.
///
/// A trait gets tests once it holds enough of the traffic, whatever the answers were: a slice that was chosen by its
/// answers would need a stronger correction. Confined to one thread.
public final class TrafficSlices {

    /// The share of the conversations from which on a slice has tests and must be cleared before a promotion.
    static final double LEAST_SHARE = 0.02;

    /// The slice of requests that continue a conversation.
    public static final String LATER = "turn=later";

    /// The share of the conversations from which on a user counts as heavy.
    private static final double HEAVY = 0.1;

    /// How much more than an equal share a heavy user may give.
    private static final double LEEWAY = 1.25;

    /// A share of the least size is observed this many standard errors lower with a probability of 1 %.
    private static final double DOUBT = 2.33;

    /// The conversations after which older ones count half, so that the shares are those of recent traffic.
    private static final long REMEMBERED = 10_000;

    private static final long FIRST_LOOK = 50;
    private static final long LEAST_COUNT = 3;

    private final FrequentKeys traits = new FrequentKeys();
    private final FrequentKeys users = new FrequentKeys();
    private final Set<String> chosen = new LinkedHashSet<>(List.of(LATER));
    private long total;

    /// The conversations that were admitted in this run, in all and by user.
    private long admitted;

    private final FrequentKeys admittedOf = new FrequentKeys();

    /// @param planned the names of slices that have tests from the beginning
    TrafficSlices(List<String> planned) {
        chosen.addAll(planned);
    }

    /// Counts a compared request, unless its user already has more than a fair share of the run's evidence.
    ///
    /// @return those of its traits that have tests; empty if the request must not count
    Optional<List<String>> admit(RolloutEvent.Assigned assigned) {
        if (GoldenConversation.is(assigned.conversation())) {
            return Optional.of(List.of());
        }
        boolean isFair = mayGiveMore(assigned.user());
        if (!assigned.isFirst()) {
            traits.count(LATER);
            return isFair ? Optional.of(List.of(LATER)) : Optional.empty();
        }
        if (++total > REMEMBERED) {
            total /= 2;
            traits.halve();
            users.halve();
        }
        assigned.traits().forEach(traits::count);
        choose();
        if (!assigned.user().isEmpty()) {
            users.count(assigned.user());
        }
        if (!isFair) {
            return Optional.empty();
        }
        admitted++;
        if (!assigned.user().isEmpty()) {
            admittedOf.count(assigned.user());
        }
        return Optional.of(assigned.traits().stream().filter(chosen::contains).toList());
    }

    private boolean mayGiveMore(String user) {
        return user.isEmpty()
                || total < FIRST_LOOK
                || admittedOf.of(user) + 1 <= Math.max(LEAST_COUNT, fairShare() * (admitted + 1));
    }

    /// The share of the evidence that one user may give: a tenth, or more where fewer than ten users send everything,
    /// since there would be no evidence otherwise.
    double fairShare() {
        double ofHeavy = 0;
        int sources = 0;
        for (long count : users.counts().values()) {
            double share = (double) count / total;
            if (share >= HEAVY) {
                ofHeavy += share;
                sources++;
            }
        }
        sources += (int) Math.floor((1 - Math.min(1, ofHeavy)) / HEAVY);
        return Math.clamp(LEEWAY / Math.max(1, sources), HEAVY, 1.0);
    }

    /// The users who send an implausible share of the conversations, by the keyed hash of their name, with that share.
    /// Such a name is often no person's.
    Map<String, Double> heavyUsers() {
        if (total < FIRST_LOOK) {
            return Map.of();
        }
        Map<String, Double> heavy = new LinkedHashMap<>();
        users.counts().forEach((user, count) -> {
            if ((double) count / total >= HEAVY) {
                heavy.put(user, (double) count / total);
            }
        });
        return heavy;
    }

    /// Begins the evidence anew; the counts of traffic go on.
    void beginRun() {
        admitted = 0;
        admittedOf.clear();
    }

    private void choose() {
        if (total < FIRST_LOOK || chosen.size() >= GatewayPlan.MOST_SLICES) {
            return;
        }
        List<String> candidates = new ArrayList<>(traits.counts().keySet().stream()
                .filter(trait -> !chosen.contains(trait))
                .filter(trait -> traits.of(trait) >= LEAST_COUNT)
                .filter(trait -> share(trait) >= LEAST_SHARE && isPart(trait))
                .toList());
        candidates.sort(Comparator.comparingDouble(this::share).reversed());
        candidates.stream().limit(GatewayPlan.MOST_SLICES - chosen.size()).forEach(chosen::add);
    }

    /// Whether a slice was found in the traffic. One that only an earlier plan named has no further evidence.
    private static boolean isFound(String trait) {
        return trait.contains("=");
    }

    /// Whether a trait does not hold nearly all of the traffic.
    private boolean isPart(String trait) {
        return share(trait) <= 1 - LEAST_SHARE;
    }

    /// The slices that have tests, in the order in which they got them.
    List<String> chosen() {
        return List.copyOf(chosen);
    }

    /// The share of the conversations that have a trait.
    double share(String trait) {
        return total == 0 ? 0 : (double) traits.of(trait) / total;
    }

    /// Whether a slice may hold so much of the traffic that a promotion must wait for it, given how few conversations
    /// there may be so far.
    boolean mustBeCleared(String trait) {
        return traits.of(trait) > 0 && share(trait) >= LEAST_SHARE - DOUBT * Math.sqrt(LEAST_SHARE / total);
    }

    /// Why a promotion would come before the slices are known; empty once they are.
    Optional<String> unknown() {
        if (total < GatewayPlan.CONVERSATIONS_BEFORE_SLICES) {
            return Optional.of((GatewayPlan.CONVERSATIONS_BEFORE_SLICES - total)
                    + " more conversations, until the slices of the traffic are" + " known");
        }
        return chosen.size() >= GatewayPlan.MOST_SLICES
                ? Optional.empty()
                : traits.counts().keySet().stream()
                        .filter(trait -> !chosen.contains(trait) && mustBeCleared(trait) && isPart(trait))
                        .findFirst()
                        .map(trait -> "more conversations, until it is known whether the slice " + trait + " holds "
                                + LEAST_SHARE * 100 + " % of the traffic");
    }

    /// Serializes counts and choice.
    String toJson() {
        ObjectNode json = Json.object();
        json.put("total", total);
        json.put("admitted", admitted);
        json.set("traits", traits.toJson());
        json.set("users", users.toJson());
        json.set("admitted_of", admittedOf.toJson());
        chosen.forEach(json.putArray("chosen")::add);
        return Journal.text(json);
    }

    /// Adds what {@link #toJson} wrote.
    void read(String text) {
        JsonNode json = Journal.json(text);
        total = json.path("total").asLong(0);
        admitted = json.path("admitted").asLong(0);
        traits.read(json.path("traits"));
        users.read(json.path("users"));
        admittedOf.read(json.path("admitted_of"));
        json.path("chosen")
                .valueStream()
                .map(trait -> trait.asString(""))
                .filter(TrafficSlices::isFound)
                .forEach(chosen::add);
    }
}
