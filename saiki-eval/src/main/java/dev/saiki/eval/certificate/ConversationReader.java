package dev.saiki.eval.certificate;

import dev.saiki.eval.ScoringWindow;
import dev.saiki.io.InputException;
import dev.saiki.model.Continuation;
import dev.saiki.text.chat.ChatEncoder;
import dev.saiki.text.chat.ChatRole;
import dev.saiki.text.chat.ChatTurn;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.DataRow;
import dev.saiki.text.corpus.DataTable;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.tokenizer.Tokenizer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/// A reader of prompts: conversations, each in the `messages` of one row, or documents.
///
/// In a conversation, each answer of the assistant is scored given all turns before it, truncated at the beginning
/// to the model's context; a conversation without answers is scored whole, in windows, like a document. Equal
/// conversations all count: in a random sample of traffic, they are as frequent as in the traffic.
public final class ConversationReader {

    /// The column that marks a row as a conversation.
    public static final String MESSAGES = "messages";

    private static final int MAX_ROWS = 1_000_000;

    private final ChatEncoder encoder;
    private final Tokenizer tokenizer;
    private final int context;
    private final int prefixId;

    /// Creates a reader for a model.
    ///
    /// @param encoder encodes conversations with the model's chat template
    /// @param tokenizer the model's tokenizer
    /// @param context maximum number of tokens that the model reads in one pass
    public ConversationReader(ChatEncoder encoder, Tokenizer tokenizer, int context) {
        this.encoder = encoder;
        this.tokenizer = tokenizer;
        this.context = context;
        this.prefixId = tokenizer.endOfTextId();
    }

    /// Reads conversations from files.
    ///
    /// @param paths JSON Lines or Parquet files whose rows have `messages` or `text`, or text files, folders and
    ///     globs
    /// @return the conversations, in order
    /// @throws InputException if a path cannot be read, or a row has neither column
    public List<ScoredConversation> read(List<Path> paths) {
        List<Path> texts = new ArrayList<>();
        List<ScoredConversation> found = new ArrayList<>();
        for (Path path : paths) {
            String name = path.toString().toLowerCase(Locale.ROOT);
            if (Files.isRegularFile(path) && DataTable.ENDINGS.stream().anyMatch(name::endsWith)) {
                DataTable.read(path, MAX_ROWS).forEach(row -> conversation(row).ifPresent(found::add));
            } else {
                texts.add(path);
            }
        }
        if (!texts.isEmpty()) {
            try (Stream<Document> documents = Corpus.of(texts).documents()) {
                documents.forEach(document -> document(document.text()).ifPresent(found::add));
            }
        }
        return List.copyOf(found);
    }

    private Optional<ScoredConversation> conversation(DataRow row) {
        return row.values().containsKey(MESSAGES) ? ofTurns(turns(row)) : document(row.text(Corpus.TEXT_FIELD));
    }

    /// Reads the turns of a row.
    ///
    /// @param row a row with the column `messages`
    /// @return the turns
    /// @throws InputException if the column is not a list of objects with role and content
    public static List<ChatTurn> turns(DataRow row) {
        if (!(row.values().get(MESSAGES) instanceof List<?> list) || list.isEmpty()) {
            throw InputException.of(
                    row.name(), "column '" + MESSAGES + "'", "a list of objects with role and content", "another");
        }
        List<ChatTurn> turns = new ArrayList<>();
        for (Object message : list) {
            DataRow turn = new DataRow(row.name(), Map.of("message", message)).row("message");
            turns.add(ChatTurn.of(role(turn), turn.text("content")));
        }
        return turns;
    }

    private static ChatRole role(DataRow turn) {
        String role = turn.text("role");
        return switch (role) {
            case "system", "developer" -> ChatRole.SYSTEM;
            case "user" -> ChatRole.USER;
            case "assistant" -> ChatRole.ASSISTANT;
            case "tool" -> ChatRole.TOOL;
            default -> throw InputException.of(turn.name(), "role", "system, user, assistant or tool", role);
        };
    }

    /// Encodes a conversation.
    ///
    /// @param turns the turns of the conversation
    /// @return the scored text; empty if there is none
    public Optional<ScoredConversation> ofTurns(List<ChatTurn> turns) {
        List<Continuation> parts = new ArrayList<>();
        for (int i = 1; i < turns.size(); i++) {
            ChatTurn turn = turns.get(i);
            if (turn.role() == ChatRole.ASSISTANT && !turn.content().isBlank()) {
                List<ChatTurn> before = turns.subList(0, i);
                int[] prompt = encoder.encode(before, "").ids();
                int[] whole = encoder.encode(before, turn.content().strip()).ids();
                int common = Math.max(0, Arrays.mismatch(prompt, whole));
                int first = common == 0 ? Math.min(prompt.length, whole.length - 1) : common;
                if (first < whole.length) {
                    parts.add(fitted(whole, Math.max(1, first)));
                }
            }
        }
        if (parts.isEmpty()) {
            return windows(encoder.encode(turns, "").ids());
        }
        return Optional.of(new ScoredConversation(parts));
    }

    /// Truncates a text at the beginning if it is too long.
    private Continuation fitted(int[] ids, int first) {
        int cut = Math.max(0, ids.length - (context + 1));
        return new Continuation(Arrays.copyOfRange(ids, cut, ids.length), Math.max(1, first - cut));
    }

    private Optional<ScoredConversation> document(String text) {
        return windows(tokenizer.encode(text));
    }

    private Optional<ScoredConversation> windows(int[] ids) {
        if (ids.length == 0) {
            return Optional.empty();
        }
        return Optional.of(
                new ScoredConversation(ScoringWindow.cut(List.of(ids), prefixId, context + 1, context).stream()
                        .map(ScoringWindow::continuation)
                        .toList()));
    }
}
