package dev.saiki.rollout.plan;

import dev.saiki.io.InputException;
import dev.saiki.io.yaml.SectionReader;
import dev.saiki.rollout.check.LevelCheck;
import dev.saiki.rollout.check.PrometheusCheck;
import dev.saiki.rollout.check.RemoteService;
import dev.saiki.rollout.check.WebhookCheck;
import java.net.URI;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.Function;

/// The reader of a plan's connections to other systems: levels, hours and notifications.
///
/// @param keys reads the section of a key
record OperationReader(Function<SectionReader, Optional<String>> keys) {

    private static final Duration DEFAULT_EVERY = Duration.ofMinutes(1);
    private static final int DEFAULT_FAILURES = 3;
    private static final String HOOK = "https://hooks.example/rollout";

    /// Reads hours and notifications.
    OperationSettings settings(SectionReader root, List<LevelGate> levels) {
        Optional<PromotionHours> hours =
                root.has("hours") ? root.section("hours").read(OperationReader::hours) : Optional.empty();
        return new OperationSettings(levels, hours, root.sections("notifications", this::notification));
    }

    private static PromotionHours hours(SectionReader reader) {
        String zone = GateReader.required(reader, "zone", "a time zone such as Asia/Tokyo");
        String promote = GateReader.required(reader, "promote", "days and hours such as Mon-Fri 09:00-17:00");
        try {
            return PromotionHours.of(ZoneId.of(zone), promote);
        } catch (DateTimeException e) {
            throw new InputException(reader.pathOf("zone") + " must be a time zone such as Asia/Tokyo, got " + zone, e);
        }
    }

    /// Reads a webhook, whose address may itself be the secret.
    private RemoteService notification(SectionReader reader) {
        if (!reader.isSection("url")) {
            return service(reader, HOOK);
        }
        URI secret = key(reader, "url")
                .flatMap(GateReader::address)
                .orElseThrow(() -> new InputException(reader.pathOf("url") + " must lead to an address such as " + HOOK
                        + ", got a variable or file that holds none"));
        return new RemoteService(secret, key(reader, "key"), GateReader.timeout(reader));
    }

    private RemoteService service(SectionReader reader, String example) {
        return new RemoteService(GateReader.url(reader, example), key(reader, "key"), GateReader.timeout(reader));
    }

    private Optional<String> key(SectionReader reader, String name) {
        return reader.section(name).read(keys).flatMap(read -> read);
    }

    /// Reads a gate by a Prometheus query.
    LevelGate prometheus(String name, SectionReader reader) {
        OptionalDouble atLeast = reader.optionalNumber("at_least");
        OptionalDouble atMost = reader.optionalNumber("at_most");
        if (atLeast.isEmpty() && atMost.isEmpty()) {
            throw new InputException(reader.pathOf("at_most") + " or " + reader.pathOf("at_least")
                    + " must be the largest or smallest value that passes, got neither");
        }
        return gate(
                name,
                reader,
                new PrometheusCheck(
                        service(reader, "http://10.0.0.5:9090"),
                        GateReader.required(reader, "query", "an expression in PromQL with one value"),
                        atLeast.orElse(Double.NEGATIVE_INFINITY),
                        atMost.orElse(Double.POSITIVE_INFINITY)));
    }

    /// Reads a gate by a service that judges.
    LevelGate webhook(String name, SectionReader reader) {
        return gate(name, reader, new WebhookCheck(service(reader, HOOK)));
    }

    private static LevelGate gate(String name, SectionReader reader, LevelCheck check) {
        return new LevelGate(
                name,
                check,
                GatewayPlanReader.duration(reader, "every", DEFAULT_EVERY),
                reader.smallInteger("failures", DEFAULT_FAILURES),
                reader.flag("retreats", true),
                reader.flag("promotes", true));
    }
}
