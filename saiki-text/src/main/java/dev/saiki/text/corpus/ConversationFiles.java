package dev.saiki.text.corpus;

import dev.saiki.io.InputException;
import dev.saiki.io.Problems;
import dev.saiki.text.files.TextInput;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The conversations of JSON Lines files, one per line.
public final class ConversationFiles {

    /// The maximum number of errors reported at once; a file in the wrong format has one on each line.
    private static final int MAX_REPORTED = 20;

    private ConversationFiles() {}

    /// Reads all conversations.
    ///
    /// @param path a file, a folder or a glob; names end in `.jsonl` or `.ndjson`, compressed or not
    /// @return the conversations, ordered by file name, at least one
    /// @throws InputException naming each line that is not a conversation, or the file that contains none
    public static List<ChatExample> read(Path path) {
        List<ChatExample> examples = new ArrayList<>();
        Problems problems = new Problems();
        for (Path file : CorpusFiles.find(List.of(path)).keySet()) {
            if (!CorpusFiles.isLines(file)) {
                throw InputException.of(
                        path.toString(), "a file of conversations", ".jsonl or .ndjson", file.getFileName());
            }
            read(file, examples, problems);
        }
        problems.throwIfAny();
        InputException.require(!examples.isEmpty(), path + ": must contain conversations, one per line, got none");
        return examples;
    }

    private static void read(Path file, List<ChatExample> examples, Problems problems) {
        try (JsonLines lines = new JsonLines(file.toString(), TextInput.open(file))) {
            boolean more = true;
            while (more) {
                try {
                    JsonLines.@Nullable Line line = lines.next();
                    more = line != null;
                    if (line != null) {
                        examples.add(ChatExample.read(line.where(), line.object()));
                    }
                } catch (InputException mistake) {
                    mistake.problems().forEach(problems::add);
                    more = problems.size() < MAX_REPORTED;
                }
            }
        }
        if (problems.size() >= MAX_REPORTED) {
            problems.add(file + ": stopped after " + MAX_REPORTED + " mistakes");
            problems.throwIfAny();
        }
    }
}
