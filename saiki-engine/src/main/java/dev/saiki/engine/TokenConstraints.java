package dev.saiki.engine;

import dev.saiki.engine.constraint.ConstraintState;
import dev.saiki.engine.constraint.TextConstraint;
import dev.saiki.engine.constraint.TokenTrie;
import dev.saiki.engine.constraint.WholeUtf8;
import dev.saiki.engine.constraint.WholeUtf8Text;
import dev.saiki.io.InputException;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// The constraints on generated text for one tokenizer, with the data structures that they share, built on demand.
/// Thread-safe.
final class TokenConstraints {

    private final Optional<Tokenizer> tokenizer;

    /// Keyed by the set of added tokens that the trie includes; there are only a few such sets.
    private final Map<Set<Integer>, TokenTrie> tries = new HashMap<>();

    private @Nullable WholeUtf8 wholeUtf8;

    /// Makes the constraints of a tokenizer.
    ///
    /// @param tokenizer the tokenizer of the model; if empty, no constraint is possible
    TokenConstraints(Optional<Tokenizer> tokenizer) {
        this.tokenizer = tokenizer;
    }

    /// Starts an answer in the form that a request requires, if it requires one.
    ///
    /// @throws InputException if the model has no tokenizer
    Optional<ConstraintState> form(GenerationRequest request) {
        return request.constraint().map(this::begin);
    }

    private ConstraintState begin(TextConstraint constraint) {
        Tokenizer known = tokenizer.orElseThrow(
                () -> new InputException("a constrained answer needs a tokenizer, and the model has none"));
        Set<Integer> added = constraint.addedTokens().stream()
                .flatMap(content -> known.specialId(content).stream())
                .collect(Collectors.toUnmodifiableSet());
        return constraint.begin(known, trie(known, added));
    }

    /// Starts an answer of whole UTF-8 characters after a prompt, if the request requires it.
    Optional<WholeUtf8Text> wholeText(GenerationRequest request) {
        return request.wholeUtf8()
                ? tokenizer.map(known -> wholeUtf8(known).after(request.prompt()))
                : Optional.empty();
    }

    private synchronized WholeUtf8 wholeUtf8(Tokenizer known) {
        WholeUtf8 made = wholeUtf8;
        if (made == null) {
            made = new WholeUtf8(known);
            wholeUtf8 = made;
        }
        return made;
    }

    private synchronized TokenTrie trie(Tokenizer known, Set<Integer> added) {
        return tries.computeIfAbsent(added, ids -> new TokenTrie(known, ids));
    }
}
