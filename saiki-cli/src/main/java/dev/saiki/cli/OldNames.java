package dev.saiki.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// A command line in which a command's old name is replaced by its new name; old names date from before
/// commands were grouped by subject. Help, man pages and completion list only the new names.
///
/// @param arguments the command line with the new name
/// @param notice the notice for the user; empty if no old name was used
record OldNames(List<String> arguments, Optional<String> notice) {

    private static final Map<String, List<String>> NEW_NAMES = Map.ofEntries(
            Map.entry("audit-router", List.of("audit", "router")),
            Map.entry("audit-consistency", List.of("audit", "consistency")),
            Map.entry("calibrate-effort", List.of("certify", "effort")),
            Map.entry("certify-one-pass", List.of("certify", "base")),
            Map.entry("eval-chat", List.of("eval", "chat")),
            Map.entry("score", List.of("eval", "score")),
            Map.entry("tradeoff", List.of("eval", "tradeoff")),
            Map.entry("merge-adapter", List.of("export")),
            Map.entry("plan-training", List.of("describe", "training")),
            Map.entry("init", List.of("train", "init")),
            Map.entry("gateway", List.of("rollout", "serve")));

    /// An option of the former command `audit`, which is now a group.
    private static final Pattern AUDIT_OPTION = Pattern.compile("--(?!help|version|stacktrace).+");

    private static final String CERTIFICATE = "--certificate";

    /// Replaces an old name, if the command line has one.
    static OldNames replacedIn(List<String> arguments) {
        int at = arguments.isEmpty() || !arguments.getFirst().equals("help") ? 0 : 1;
        if (at >= arguments.size()) {
            return new OldNames(arguments, Optional.empty());
        }
        String word = arguments.get(at);
        List<String> rest = arguments.subList(at + 1, arguments.size());
        @Nullable List<String> newName = NEW_NAMES.get(word);
        if (word.equals("audit")
                && rest.stream()
                        .filter(option -> !option.equals("--stacktrace"))
                        .limit(1)
                        .anyMatch(option -> AUDIT_OPTION.matcher(option).matches())) {
            newName = List.of("audit", "records");
        } else if (word.equals("verify") && rest.contains(CERTIFICATE)) {
            newName = List.of("certify", "check");
            word += " " + CERTIFICATE;
            rest = rest.stream().filter(option -> !option.equals(CERTIFICATE)).toList();
        }
        if (newName == null) {
            return new OldNames(arguments, Optional.empty());
        }
        List<String> replaced = new ArrayList<>(arguments.subList(0, at));
        replaced.addAll(newName);
        replaced.addAll(rest);
        return new OldNames(
                replaced,
                Optional.of("\"" + word + "\" is now \"saiki " + String.join(" ", newName)
                        + (word.equals("merge-adapter") ? " --adapter" : "")
                        + "\"; the old name will be removed after this release"));
    }
}
