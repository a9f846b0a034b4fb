package dev.saiki.cli.load;

import dev.saiki.io.InputException;
import dev.saiki.text.corpus.Corpus;
import dev.saiki.text.corpus.Document;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;

/// Prompts that are excerpts of a text, each starting at a random token.
///
/// Documents are concatenated with the end-of-text token between them, as in training, so a prompt may contain a
/// document's end. Unless the text is too short, no two prompts drawn together begin at the same position; so a
/// prefix cache finds at most the first word or two, which some prompts share.
public final class TextPrompts implements PromptSource {

    /// The number of characters after which no further document is encoded; a load uses little of a large corpus.
    private static final long MAX_CHARACTERS = 32_000_000;

    private final String name;
    private final int[] ids;

    /// Makes prompts from encoded documents.
    ///
    /// @param name the name of the text
    /// @param documents tokens of each document, in order
    TextPrompts(String name, List<int[]> documents) {
        this.name = name;
        this.ids = documents.stream().flatMapToInt(Arrays::stream).toArray();
    }

    /// Encodes the documents of a corpus, in order, until they have 32 million characters together.
    ///
    /// @param corpus the text
    /// @param tokenizer the tokenizer of the model
    /// @return excerpts of the text
    /// @throws InputException if the text cannot be read
    public static TextPrompts of(Corpus corpus, Tokenizer tokenizer) {
        int[] end = {tokenizer.endOfTextId()};
        List<int[]> documents = new ArrayList<>();
        for (Document document : corpus.beginning(MAX_CHARACTERS)) {
            documents.add(tokenizer.encode(document.text()));
            documents.add(end);
        }
        return new TextPrompts(corpus.name(), documents);
    }

    @Override
    public Drawing draw(SplittableRandom random) {
        Set<Integer> taken = new HashSet<>();
        return tokens -> {
            int places = ids.length - tokens + 1;
            if (places < 1) {
                throw new InputException(
                        name + " must have at least the " + tokens + " tokens of a prompt, got " + ids.length);
            }
            if (taken.size() >= places / 2) {
                // The text is too short to give each prompt a start of its own.
                taken.clear();
            }
            int from = random.nextInt(places);
            while (!taken.add(from)) {
                from = random.nextInt(places);
            }
            return Arrays.copyOfRange(ids, from, from + tokens);
        };
    }

    @Override
    public String name() {
        return name;
    }
}
