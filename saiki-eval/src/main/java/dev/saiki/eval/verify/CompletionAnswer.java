package dev.saiki.eval.verify;

import dev.saiki.checkpoint.provenance.VerificationStatistics.Quantity;
import dev.saiki.io.InputException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import tools.jackson.databind.JsonNode;

/// An answer of `/v1/completions`, read as one text of a reference.
final class CompletionAnswer {

    private final JsonNode body;
    private final JsonNode choice;
    private final boolean echoes;
    private final TokenNames names;
    private final ModelBounds bounds;

    /// Creates the view of an answer.
    ///
    /// @param body body of the answer
    /// @param echoes whether the answer begins with the prompt
    /// @param names names of the model's tokens
    /// @param bounds bounds of the model
    CompletionAnswer(JsonNode body, boolean echoes, TokenNames names, ModelBounds bounds) {
        this.body = body;
        this.choice = body.path("choices").path(0);
        this.echoes = echoes;
        this.names = names;
        this.bounds = bounds;
    }

    /// The ids of the prompt's tokens, if the answer contains them.
    Optional<int[]> promptIds() {
        JsonNode inChoice = choice.path("prompt_token_ids");
        JsonNode beside = body.path("prompt_token_ids");
        JsonNode found = inChoice.isArray() ? inChoice : beside;
        return found.isArray() && !found.isEmpty()
                ? Optional.of(ids("prompt_token_ids", found, bounds))
                : Optional.empty();
    }

    /// Reads a list of token ids.
    ///
    /// @throws InputException if an id is not in the model's vocabulary
    static int[] ids(String key, JsonNode list, ModelBounds bounds) {
        if (list.size() > bounds.longest()) {
            throw new InputException(
                    key + " must have at most " + bounds.longest() + " tokens with this model, got " + list.size());
        }
        int[] ids = new int[list.size()];
        for (int i = 0; i < ids.length; i++) {
            JsonNode id = list.path(i);
            if (!id.isInt() || id.intValue() < 0 || id.intValue() >= bounds.vocabulary()) {
                throw new InputException(key + " must have token ids from 0 to " + (bounds.vocabulary() - 1) + ", got "
                        + ReferenceFile.named(id.toString()));
            }
            ids[i] = id.intValue();
        }
        return ids;
    }

    /// Reads the text.
    ///
    /// @param prompt the prompt of the request
    /// @param ids ids of the prompt's tokens
    /// @param told whether the server itself returned these ids
    /// @throws InputException if the answer does not match the request; the message names the error
    ReferenceText text(String prompt, int[] ids, boolean told) {
        if (!choice.path("logprobs").isObject()) {
            throw new InputException("the answer must have log-probabilities, as requested by logprobs, got none");
        }
        List<NamedToken> tokens = NamedToken.all(choice.path("logprobs"));
        requirePromptLength(ids.length, told);
        int before = echoes ? ids.length : 0;
        if (tokens.size() < before) {
            throw new InputException(
                    "logprobs must have at least the prompt's " + before + " tokens, got " + tokens.size());
        }
        int[] greedy = greedy(tokens.subList(before, tokens.size()));
        if (ids.length + greedy.length > bounds.longest()) {
            throw new InputException("the answer must have at most " + (bounds.longest() - ids.length)
                    + " tokens with this model, got " + greedy.length);
        }
        int[] whole = Arrays.copyOf(ids, ids.length + greedy.length);
        System.arraycopy(greedy, 0, whole, ids.length, greedy.length);
        List<KnownScores> rows = rows(tokens, whole, ids.length - before);
        InputException.require(!rows.isEmpty(), "the answer must have at least one log-probability, got none");
        return new ReferenceText(
                Optional.of(prompt), told, ids, greedy, continuation(prompt, before), Quantity.LOGPROBS, rows);
    }

    private void requirePromptLength(int length, boolean told) {
        JsonNode count = body.path("usage").path("prompt_tokens");
        if (!told && count.isInt() && count.intValue() != length) {
            throw new InputException("prompt token counts differ: server " + count.intValue() + ", model's tokenizer "
                    + length + "; the server returns no ids to compare");
        }
    }

    /// The ids of the generated tokens, as returned or looked up by token name.
    private int[] greedy(List<NamedToken> written) {
        JsonNode told = choice.path("token_ids");
        if (told.isArray()) {
            int[] ids = ids("token_ids", told, bounds);
            if (ids.length != written.size()) {
                throw new InputException("token_ids and logprobs must have equally many tokens, got " + ids.length
                        + " and " + written.size());
            }
            return ids;
        }
        return written.stream().mapToInt(this::idOf).toArray();
    }

    private int idOf(NamedToken token) {
        OptionalInt id = known(token);
        return id.orElseThrow(() -> new InputException("the answer has no token ids, and \""
                + ReferenceFile.named(token.name()) + "\" does not identify one token of the model"));
    }

    private OptionalInt known(NamedToken token) {
        OptionalInt id = token.id().isPresent() ? token.id() : names.idOf(token.name());
        return id.isPresent() && id.getAsInt() >= 0 && id.getAsInt() < bounds.vocabulary() ? id : OptionalInt.empty();
    }

    /// The scores at each token in the answer, without tokens whose names are ambiguous.
    private List<KnownScores> rows(List<NamedToken> tokens, int[] whole, int offset) {
        boolean trusted = areNamesTrue(tokens, whole, offset);
        List<KnownScores> rows = new ArrayList<>();
        for (int i = 0; i < tokens.size(); i++) {
            int at = offset + i;
            NamedToken token = tokens.get(i);
            if (at == 0 || Double.isNaN(token.logprob())) {
                continue;
            }
            Map<Integer, Double> scores = new LinkedHashMap<>();
            scores.put(whole[at], token.logprob());
            boolean all = !token.alternatives().isEmpty();
            for (NamedToken alternative : token.alternatives()) {
                OptionalInt id = trusted || alternative.id().isPresent() ? known(alternative) : OptionalInt.empty();
                all &= id.isPresent();
                if (id.isPresent() && !Double.isNaN(alternative.logprob())) {
                    scores.putIfAbsent(id.getAsInt(), alternative.logprob());
                }
            }
            rows.add(row(at - 1, scores, all && scores.size() > 1));
        }
        return rows;
    }

    private static KnownScores row(int position, Map<Integer, Double> scores, boolean namesLikeliest) {
        int[] ids = scores.keySet().stream().mapToInt(Integer::intValue).toArray();
        float[] values = new float[ids.length];
        for (int i = 0; i < ids.length; i++) {
            values[i] = scores.getOrDefault(ids[i], 0.0).floatValue();
        }
        return new KnownScores(position, ids, values, namesLikeliest);
    }

    /// Whether every token's name, if it identifies a token, identifies the right one. Some servers omit spaces in
    /// names, so that a token carries the name of another.
    private boolean areNamesTrue(List<NamedToken> tokens, int[] whole, int offset) {
        for (int i = 0; i < tokens.size(); i++) {
            OptionalInt named = names.idOf(tokens.get(i).name());
            if (named.isPresent() && named.getAsInt() != whole[offset + i]) {
                return false;
            }
        }
        return true;
    }

    /// The generated text. If the answer contains the prompt, but not verbatim, the server's text offset of the
    /// first generated token is used.
    private Optional<String> continuation(String prompt, int before) {
        String text = choice.path("text").stringValue("");
        if (!echoes) {
            return choice.path("text").isString() ? Optional.of(text) : Optional.empty();
        }
        if (text.startsWith(prompt)) {
            return Optional.of(text.substring(prompt.length()));
        }
        int offset = choice.path("logprobs").path("text_offset").path(before).intValue(-1);
        return offset >= 0 && offset <= text.codePointCount(0, text.length())
                ? Optional.of(text.substring(text.offsetByCodePoints(0, offset)))
                : Optional.empty();
    }
}
