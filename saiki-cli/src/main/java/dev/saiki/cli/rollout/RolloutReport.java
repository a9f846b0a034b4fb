package dev.saiki.cli.rollout;

import dev.saiki.cli.terminal.NumberFormats;
import java.io.PrintStream;
import tools.jackson.databind.JsonNode;

/// A report of a rollout's stage and evidence for a terminal.
final class RolloutReport {

    private RolloutReport() {}

    /// Prints the stage of a rollout, its evidence and its decisions.
    static void print(PrintStream out, JsonNode status) {
        out.print(NumberFormats.text(
                "%s: %s, stage %d of %d, share %s, since %s%s%n",
                status.path("model").asString(""),
                status.path("state").asString(""),
                status.path("stage").asInt(0),
                status.path("stages").asInt(0),
                status.path("share").asString(""),
                status.path("since").asString(""),
                (status.path("paused").asBoolean(false) ? ", paused" : "")
                        + (status.path("dial_away").asBoolean(false) ? ", at the reference depth" : "")));
        if (!status.path("alarms").isEmpty()) {
            out.println("alarms of the candidate's router: " + status.path("alarms"));
        }
        if (status.has("worse")) {
            out.println("ALARM: the candidate is worse than tolerated: "
                    + status.path("worse").asString(""));
        }
        if (!status.path("database").asString("up").equals("up")) {
            out.println("the database is unavailable: the baseline answers all requests");
        }
        if (status.path("ejected").asBoolean(false)) {
            out.println("the candidate failed several times in a row and is ejected: the baseline answers at once");
        }
        if (!status.path("heavy_users").isEmpty()) {
            out.println("users with a tenth of the conversations or more, by hash: " + status.path("heavy_users"));
        }
        evidence(out, status.path("evidence"));
        for (JsonNode level : status.path("levels")) {
            out.print(NumberFormats.text(
                    "%-24s  %s: %s%n",
                    level.path("gate").asString(""),
                    level.path("verdict").asString("not asked yet"),
                    level.path("says").asString("no answer")));
        }
        out.println(next(status));
        status.path("awaited").forEach(awaited -> out.println("  waits for " + awaited.asString("")));
        depths(out, status.path("measured").path("depths"));
        status.path("decisions").forEach(decision -> decision(out, decision));
    }

    private static String next(JsonNode status) {
        if (status.path("state").asString("").equals("aborted")) {
            return "aborted; \"saiki rollout promote\" begins again with the first stage";
        }
        if (status.path("stage").asInt(0) == status.path("stages").asInt(0)) {
            return "this is the plan's last stage";
        }
        return status.path("may_promote").asBoolean(false)
                ? "the next stage may begin"
                : "the next stage may not begin yet";
    }

    /// The tests, those over all conversations first.
    private static void evidence(PrintStream out, JsonNode gates) {
        out.print(NumberFormats.text("%-24s  %8s  %16s  %16s%n", "gate", "observed", "worse", "not worse"));
        for (JsonNode gate : gates) {
            out.print(NumberFormats.text(
                    "%-24s  %8d  %16s  %16s%n",
                    name(gate),
                    gate.path("observed").asLong(0),
                    of(gate, "log_retreat", "retreats_at"),
                    of(gate, "log_promote", "promotes_at")));
            if (gate.has("figures")) {
                out.print(NumberFormats.text(
                        "%-24s  baseline %s, candidate %s%n",
                        "",
                        gate.path("figures").path("baseline").asString("unbounded"),
                        gate.path("figures").path("candidate").asString("unbounded")));
            }
        }
    }

    private static void decision(PrintStream out, JsonNode decision) {
        String from = decision.path("from").asString("");
        out.print(NumberFormats.text(
                "%s  %s by %s, %sto %s: %s%n",
                decision.path("at").asString(""),
                decision.path("action").asString(""),
                decision.path("who").asString(""),
                from.isEmpty() ? "" : "from " + from + " ",
                decision.path("to").asString(""),
                decision.path("reason").asString("")));
    }

    private static String name(JsonNode gate) {
        String slice = gate.path("slice").asString("");
        return gate.path("gate").asString("") + (slice.isEmpty() ? "" : ", " + slice);
    }

    /// The depths of the candidate's tokens, by tenant and kind of request.
    private static void depths(PrintStream out, JsonNode rows) {
        if (rows.isEmpty()) {
            return;
        }
        out.print(NumberFormats.text("%-24s  %-12s  %8s  %10s%n", "tenant", "kind", "answers", "mean depth"));
        for (JsonNode row : rows) {
            out.print(NumberFormats.text(
                    "%-24s  %-12s  %8d  %10.2f%n",
                    row.path("tenant").asString(""),
                    row.path("kind").asString(""),
                    row.path("answers").asLong(0),
                    row.path("mean_depth").asDouble(0)));
        }
    }

    /// The evidence and the threshold for a decision, both as logarithms.
    private static String of(JsonNode gate, String evidence, String decides) {
        return NumberFormats.text(
                "%.2f of %.2f",
                gate.path(evidence).asDouble(0), gate.path(decides).asDouble(0));
    }
}
