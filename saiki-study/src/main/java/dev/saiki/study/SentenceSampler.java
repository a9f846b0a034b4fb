package dev.saiki.study;

import dev.saiki.engine.Engine;
import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.Token;
import dev.saiki.engine.TokenStream;
import dev.saiki.engine.sampling.Penalties;
import dev.saiki.engine.sampling.SamplingSettings;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.study.results.TextSample;
import java.text.BreakIterator;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/// A sampler that draws several continuations of a prompt, each up to the end of its first sentence, and selects
/// the likeliest.
///
/// After the first half of a rare word a small model finds no likely continuation, and invents the rest. Selecting
/// the likeliest of several continuations by the model's own probability drops most such texts.
///
/// @param tokens maximum number of tokens of a continuation
/// @param route depth bound or effort of the requests
public record SentenceSampler(int tokens, RouteSettings route) {

    /// Number of continuations to select from.
    static final int DRAWS = 128;

    /// The temperature is lower than usual, since small models often misjudge what is likely. Low temperatures
    /// cause repetition, which {@link #PENALTIES} prevent.
    private static final SamplingSettings SAMPLING =
            SamplingSettings.builder().temperature(0.5).topP(0.9).build();

    private static final Penalties PENALTIES = new Penalties(1.2, 0, 0);

    /// Minimum length of a sentence in characters: a model's shortest sentences say little.
    private static final int MIN_CHARACTERS = 16;

    /// The start of a next paragraph, appended to a text to find out whether its end is also the end of a
    /// sentence.
    private static final String NEXT_SENTENCE = "\n\nA";

    /// An abbreviated title or name at the end, which a break iterator mistakes for the end of a sentence.
    private static final Pattern ABBREVIATION = Pattern.compile("(^|[^\\p{L}])\\p{Lu}\\p{Ll}{0,2}\\.$");

    /// The characters at the end of a complete sentence; lines that are no sentences end without them.
    private static final Pattern TERMINATED = Pattern.compile("[.!?…。！？][\\p{Pe}\\p{Pf}\"'_]*$");

    /// Draws a sample.
    ///
    /// @param engine the model
    /// @param prompt prompt of the sample
    /// @param seed the seed of the first continuation; the following continuations use consecutive seeds
    /// @return the likeliest continuation that ends a sentence, or the likeliest of all if none ends a
    ///     sentence; empty if the prompt fills the model's context
    public TextSample sample(Engine engine, String prompt, long seed) {
        int[] ids = engine.tokenizer().encode(prompt);
        int room = Math.min(tokens, engine.config().maxPositionEmbeddings() - ids.length);
        if (room <= 0) {
            return new TextSample(prompt, "", 0);
        }
        List<TokenStream> streams = new ArrayList<>();
        for (int draw = 0; draw < DRAWS; draw++) {
            streams.add(engine.submit(GenerationRequest.builder(ids, room)
                    .sampling(SAMPLING)
                    .penalties(PENALTIES)
                    .seed(seed + draw)
                    .route(route)
                    .build()));
        }
        List<Draw> draws = streams.stream().map(SentenceSampler::read).toList();
        Draw best = draws.stream()
                .max(Comparator.comparing(Draw::ended).thenComparingDouble(Draw::logprob))
                .orElseThrow();
        return new TextSample(prompt, best.text(), best.meanDepth());
    }

    /// Reads a continuation up to the end of its first sentence, and cancels the rest.
    private static Draw read(TokenStream stream) {
        StringBuilder text = new StringBuilder();
        double logprob = 0;
        long depths = 0;
        int count = 0;
        try (stream) {
            for (Token token : stream) {
                text.append(token.text());
                logprob += token.logprob();
                depths += token.depth();
                count++;
                int end = sentenceEnd(text.toString());
                if (end > 0) {
                    text.setLength(end);
                    return draw(text, true, logprob, depths, count);
                }
            }
        }
        boolean ended = sentenceEnd(text + NEXT_SENTENCE) > 0;
        return count == 0
                ? new Draw("", false, Double.NEGATIVE_INFINITY, 0)
                : draw(text, ended, logprob, depths, count);
    }

    /// Creates a draw. Text of more than one line does not count as a sentence, since no sentence extends
    /// beyond its paragraph.
    private static Draw draw(CharSequence text, boolean ended, double logprob, long depths, int count) {
        boolean isSentence = ended && text.chars().noneMatch(c -> c == '\n');
        return new Draw(text.toString(), isSentence, logprob, (double) depths / count);
    }

    /// The end of the first sentence of at least {@link #MIN_CHARACTERS} characters; 0 if that sentence is not
    /// complete yet. Only later text shows that a sentence has ended, so the end of the text never counts as
    /// the end of a sentence.
    static int sentenceEnd(String text) {
        BreakIterator sentences = BreakIterator.getSentenceInstance(Locale.ROOT);
        sentences.setText(text);
        for (int end = sentences.next(); end != BreakIterator.DONE && end < text.length(); end = sentences.next()) {
            String sentence = text.substring(0, end).stripTrailing();
            if (sentence.length() >= MIN_CHARACTERS
                    && !Character.isLowerCase(text.codePointAt(end))
                    && TERMINATED.matcher(sentence).find()
                    && !ABBREVIATION.matcher(sentence).find()) {
                return sentence.length();
            }
        }
        return 0;
    }

    /// A continuation of a prompt.
    ///
    /// @param text the continuation up to the end of its first sentence
    /// @param ended whether the text is a complete sentence
    /// @param logprob natural-log probability of all tokens that were read, including the one that shows the
    ///     end of the sentence
    /// @param meanDepth mean recursions of the tokens that `logprob` covers
    private record Draw(String text, boolean ended, double logprob, double meanDepth) {}
}
