package dev.saiki.eval.consistency;

import dev.saiki.eval.certificate.ConversationReader;
import dev.saiki.io.InputException;
import dev.saiki.text.chat.ChatRole;
import dev.saiki.text.chat.ChatTurn;
import dev.saiki.text.corpus.DataRow;
import dev.saiki.text.corpus.DataTable;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;

/// One of several ways to ask a question.
///
/// @param item the question, which is the same for all its wordings
/// @param group the kind of wording or customer, such as `formal`, `ja` or `premium`
/// @param turns the turns of the conversation
public record ConsistencyPrompt(String item, String group, List<ChatTurn> turns) {

    private static final int MAX_ROWS = 100_000;
    private static final int MIN_ITEMS = 5;

    /// Copies the list.
    public ConsistencyPrompt {
        turns = List.copyOf(turns);
    }

    /// Reads prompts.
    ///
    /// @param file JSON Lines or Parquet with the columns `item` and `group`, and `prompt` or `messages`
    /// @return the prompts, in order
    /// @throws InputException if a column is missing, there are fewer than two groups or five items, or an item
    ///     does not have each group exactly once
    public static List<ConsistencyPrompt> read(Path file) {
        List<ConsistencyPrompt> prompts = new ArrayList<>();
        for (DataRow row : DataTable.read(file, MAX_ROWS)) {
            List<ChatTurn> turns = row.values().containsKey(ConversationReader.MESSAGES)
                    ? ConversationReader.turns(row)
                    : List.of(ChatTurn.of(ChatRole.USER, row.text("prompt")));
            prompts.add(new ConsistencyPrompt(row.text("item"), row.text("group"), turns));
        }
        requireComplete(file, prompts);
        return prompts;
    }

    private static void requireComplete(Path file, List<ConsistencyPrompt> prompts) {
        Map<String, List<String>> groupsOf = new TreeMap<>();
        TreeSet<String> groups = new TreeSet<>();
        for (ConsistencyPrompt prompt : prompts) {
            groups.add(prompt.group());
            groupsOf.computeIfAbsent(prompt.item(), _ -> new ArrayList<>()).add(prompt.group());
        }
        InputException.require(
                groups.size() >= 2 && groupsOf.size() >= MIN_ITEMS,
                file.toString(),
                "the prompts",
                "at least 2 groups and " + MIN_ITEMS + " items",
                groups.size() + " groups and " + groupsOf.size() + " items");
        groupsOf.forEach((item, own) -> InputException.require(
                own.size() == groups.size() && own.containsAll(groups),
                file.toString(),
                "item '" + item + "'",
                "asked once in each group of " + groups,
                own.stream().sorted().toList()));
    }
}
