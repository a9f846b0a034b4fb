package dev.saiki.rollout.course;

import dev.saiki.http.Json;
import java.util.LinkedHashMap;
import java.util.Map;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// Counts of the most frequent keys of a stream: a new key takes the place of the rarest one and inherits its count
/// (space saving, Metwally et al. 2005). So a count is too large by at most the total divided by the number of keys
/// that are counted at a time, and never too small. Confined to one thread.
final class FrequentKeys {

    private static final int COUNTED = 400;

    private final Map<String, Long> counts = new LinkedHashMap<>();

    /// Counts a key.
    void count(String key) {
        if (counts.size() < COUNTED || counts.containsKey(key)) {
            counts.merge(key, 1L, Long::sum);
            return;
        }
        Map.Entry<String, Long> rarest =
                counts.entrySet().stream().min(Map.Entry.comparingByValue()).orElseThrow();
        long inherited = rarest.getValue();
        counts.remove(rarest.getKey());
        counts.put(key, inherited + 1);
    }

    /// Halves all counts.
    void halve() {
        counts.replaceAll((_, count) -> count / 2);
    }

    long of(String key) {
        return counts.getOrDefault(key, 0L);
    }

    /// The keys that are counted now, with their counts.
    Map<String, Long> counts() {
        return counts;
    }

    void clear() {
        counts.clear();
    }

    /// Serializes the counts.
    ObjectNode toJson() {
        ObjectNode json = Json.object();
        counts.forEach(json::put);
        return json;
    }

    /// Replaces the counts by what {@link #toJson} wrote.
    void read(JsonNode json) {
        counts.clear();
        json.properties().forEach(key -> counts.put(key.getKey(), key.getValue().asLong(0)));
    }
}
