package dev.saiki.eval.tasks;

import dev.saiki.io.InputException;
import dev.saiki.model.Continuation;
import dev.saiki.text.tokenizer.Tokenizer;
import java.util.Arrays;

/// An encoder that tokenizes prompts as lm-evaluation-harness does for causal models.
///
/// Whitespace at the end of the context belongs to the continuation. Context and continuation are tokenized
/// together; if the context alone has n tokens, the continuation consists of the tokens after the first n. An
/// empty context is replaced by the prefix token. Prompts that are too long are truncated at the beginning.
///
/// @param tokenizer the model's tokenizer
/// @param prefixId token that stands for an empty context
/// @param longest maximum number of tokens that the model reads in one pass
record PromptEncoder(Tokenizer tokenizer, int prefixId, int longest) {

    /// A prompt in tokens.
    ///
    /// @param continuation the tokens
    /// @param dropped number of tokens truncated at the beginning
    record EncodedPrompt(Continuation continuation, int dropped) {}

    /// Encodes a prompt.
    ///
    /// @param where name of the prompt in messages
    /// @throws InputException if the continuation has no tokens, or more than the model can read
    EncodedPrompt encode(String where, ContinuationPrompt prompt) {
        int cut = PythonText.endWithoutSpace(prompt.context());
        String context = prompt.context().substring(0, cut);
        String continuation = prompt.context().substring(cut) + prompt.continuation();
        int[] before = context.isEmpty() ? new int[] {prefixId} : tokenizer.encode(context);
        int[] whole = tokenizer.encode(context + continuation);
        int from = context.isEmpty() ? 0 : before.length;
        if (whole.length <= from) {
            throw new InputException(where + ": the continuation '" + continuation + "' adds no token to its context");
        }
        int scored = whole.length - from;
        if (scored > longest) {
            throw new InputException(where + ": a continuation must have at most " + longest
                    + " tokens (config.json: max_position_embeddings), got " + scored
                    + "; leave this task out, or stop before this document with --limit");
        }
        int[] ids = Arrays.copyOf(before, before.length + scored);
        System.arraycopy(whole, from, ids, before.length, scored);
        int dropped = Math.max(0, ids.length - (longest + 1));
        return new EncodedPrompt(
                new Continuation(Arrays.copyOfRange(ids, dropped, ids.length), before.length - dropped), dropped);
    }
}
