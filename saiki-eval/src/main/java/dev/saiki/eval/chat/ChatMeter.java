package dev.saiki.eval.chat;

import dev.saiki.engine.Engine;
import dev.saiki.engine.FinishReason;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.GenerationResult;
import dev.saiki.engine.Token;
import dev.saiki.engine.TokenStream;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.eval.tasks.EngineContinuationScorer;
import dev.saiki.model.Continuation;
import dev.saiki.model.ScoredContinuation;
import dev.saiki.text.chat.TemplateEncoder;
import dev.saiki.text.chat.ThinkingMarks;
import dev.saiki.text.dataset.AnsweredConversation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/// A meter of a model on conversations: the loss on the reference answers, and the model's own greedy answer to
/// each prompt.
///
/// The loss and the answers are computed by the engine, as in `saiki serve`.
///
/// @param engine the model; must outlive the meter
/// @param encoder encoder of the conversations
/// @param route the requested depth or effort
/// @param listener receives the progress
public record ChatMeter(Engine engine, TemplateEncoder encoder, RouteSettings route, Listener listener) {

    private static final Set<FinishReason> ENDED = EnumSet.of(FinishReason.END_OF_TEXT, FinishReason.STOP_TOKEN);
    private static final int TOGETHER = 16;

    /// Number of answers scored per progress report.
    private static final int SCORED_TOGETHER = 4 * TOGETHER;

    /// A listener to the progress of a measurement.
    public interface Listener {

        /// Called when answers of the conversations were scored.
        ///
        /// @param answers number of answers so far
        /// @param total the total number
        void onScored(int answers, int total);

        /// Called when answers of the model were generated.
        ///
        /// @param answers number of answers so far
        /// @param total number of answers to write
        void onWritten(int answers, int total);
    }

    /// Tells whether a conversation fits the model's context, with room for one generated token at each of its
    /// answers.
    ///
    /// @param conversation the encoded conversation
    /// @param context maximum number of tokens that the model reads
    /// @return whether the conversation fits
    public static boolean fits(AnsweredConversation conversation, int context) {
        return conversation.answers().stream()
                .allMatch(answered -> answered.prompt().length < context
                        && answered.prompt().length + answered.answer().length <= context + 1);
    }

    /// Measures the loss on answers.
    ///
    /// @param conversations conversations that {@link #fits fit}
    /// @return one loss per conversation, in order
    public List<ConversationLoss> losses(List<AnsweredConversation> conversations) {
        List<Continuation> continuations = conversations.stream()
                .flatMap(conversation -> conversation.answers().stream())
                .map(ChatMeter::continuation)
                .toList();
        EngineContinuationScorer scorer = new EngineContinuationScorer(engine, route, TOGETHER);
        List<ScoredContinuation> scored = new ArrayList<>();
        for (int from = 0; from < continuations.size(); from += SCORED_TOGETHER) {
            scored.addAll(
                    scorer.score(continuations.subList(from, Math.min(continuations.size(), from + SCORED_TOGETHER))));
            listener.onScored(scored.size(), continuations.size());
        }
        List<ConversationLoss> losses = new ArrayList<>();
        int at = 0;
        for (AnsweredConversation conversation : conversations) {
            int end = at + conversation.answers().size();
            losses.add(loss(conversation.answers(), scored.subList(at, end)));
            at = end;
        }
        return losses;
    }

    private static Continuation continuation(TemplateEncoder.Answered answered) {
        int[] ids = Arrays.copyOf(answered.prompt(), answered.prompt().length + answered.answer().length);
        System.arraycopy(answered.answer(), 0, ids, answered.prompt().length, answered.answer().length);
        return new Continuation(ids, Math.max(1, answered.prompt().length));
    }

    /// A token in the context of several answers is counted once.
    private static ConversationLoss loss(List<TemplateEncoder.Answered> answers, List<ScoredContinuation> scored) {
        double nats = 0;
        int tokens = 0;
        int known = 0;
        ConversationLoss.Depths prompts = ConversationLoss.Depths.NONE;
        ConversationLoss.Depths own = ConversationLoss.Depths.NONE;
        for (int i = 0; i < answers.size(); i++) {
            int prompt = answers.get(i).prompt().length;
            int[] depths = scored.get(i).depths();
            nats -= scored.get(i).logLikelihood();
            tokens += scored.get(i).logprobs().length;
            prompts = prompts.plus(depths, known <= prompt ? known : 0, prompt);
            own = own.plus(depths, prompt, depths.length);
            known = prompt + answers.get(i).answer().length;
        }
        return new ConversationLoss(nats, tokens, prompts, own);
    }

    /// Generates the model's answers.
    ///
    /// @param conversations conversations that {@link #fits fit}
    /// @param maxTokens maximum number of tokens in an answer; the context may have room for fewer
    /// @return for each conversation, one generated text for each of its answers
    public List<List<WrittenAnswer>> write(List<AnsweredConversation> conversations, int maxTokens) {
        List<int[]> prompts = conversations.stream()
                .flatMap(conversation -> conversation.answers().stream())
                .map(TemplateEncoder.Answered::prompt)
                .toList();
        List<WrittenAnswer> written = new ArrayList<>();
        for (int from = 0; from < prompts.size(); from += TOGETHER) {
            List<TokenStream> streams = prompts.subList(from, Math.min(prompts.size(), from + TOGETHER)).stream()
                    .map(prompt -> engine.submit(request(prompt, maxTokens)))
                    .toList();
            streams.forEach(stream -> written.add(finished(stream)));
            listener.onWritten(written.size(), prompts.size());
        }
        int[] ends = new int[conversations.size() + 1];
        for (int i = 0; i < conversations.size(); i++) {
            ends[i + 1] = ends[i] + conversations.get(i).answers().size();
        }
        return IntStream.range(0, conversations.size())
                .mapToObj(i -> List.copyOf(written.subList(ends[i], ends[i + 1])))
                .toList();
    }

    private GenerationRequest request(int[] prompt, int maxTokens) {
        int room = engine.config().maxPositionEmbeddings() - prompt.length;
        return GenerationRequest.builder(prompt, Math.min(maxTokens, room))
                .ending(StopConditions.builder().tokens(encoder.endsOfTurn()).build())
                .route(route)
                .build();
    }

    private WrittenAnswer finished(TokenStream stream) {
        StringBuilder text = new StringBuilder();
        for (Token token : stream) {
            text.append(token.text());
        }
        GenerationResult finish = stream.finish();
        finish.failure().ifPresent(failure -> {
            throw new IllegalStateException("the engine failed", failure);
        });
        String said = text.append(finish.text()).toString();
        String answer = encoder.knowsThinking()
                ? ThinkingMarks.split(said).map(ThinkingMarks.Split::answer).orElse(said)
                : said;
        return new WrittenAnswer(answer, ENDED.contains(finish.reason()));
    }
}
