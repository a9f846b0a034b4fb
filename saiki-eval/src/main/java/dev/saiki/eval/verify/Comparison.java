package dev.saiki.eval.verify;

import dev.saiki.checkpoint.provenance.VerificationStatistics;
import dev.saiki.checkpoint.provenance.VerificationStatistics.Departure;
import dev.saiki.checkpoint.provenance.VerificationStatistics.Differences;
import dev.saiki.checkpoint.provenance.VerificationStatistics.Greedy;
import dev.saiki.checkpoint.provenance.VerificationStatistics.Likeliest;
import dev.saiki.checkpoint.provenance.VerificationStatistics.PromptIds;
import dev.saiki.checkpoint.provenance.VerificationStatistics.Quantity;
import dev.saiki.eval.Median;
import dev.saiki.io.InputException;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// The statistics of a comparison, accumulated text by text.
///
/// A greedy continuation is compared without generating. The model would have generated the reference's tokens as
/// long as each token is its top prediction given the tokens before it; the two continuations diverge at the first
/// token that is not the top prediction.
final class Comparison {

    /// A margin of this many tolerances between two tokens is clear, since each logit may be off by one tolerance.
    private static final double CLEAR = 2;

    private final int vocabulary;
    private final double margin;
    private final Optional<Tokenizer> tokenizer;
    private final List<Double> largestOfPositions = new ArrayList<>();
    private @Nullable Quantity quantity;
    private int prompts;
    private long positions;
    private long notFinite;
    private @Nullable Differences worst;
    private long clearPositions;
    private long equalLikeliest;
    private long greedyTokens;
    private long equalGreedy;
    private long clearDepartures;
    private int equalTexts;
    private int otherTexts;
    private @Nullable Integer firstOtherText;
    private @Nullable Departure firstDeparture;
    private int equalIds;
    private int otherIds;
    private int unknownIds;
    private @Nullable Integer firstOtherIds;

    /// Creates empty statistics.
    ///
    /// @param vocabulary number of the model's token ids
    /// @param tolerance maximum difference of two scores that counts as agreement
    /// @param tokenizer the model's tokenizer, if it has one
    Comparison(int vocabulary, double tolerance, Optional<Tokenizer> tokenizer) {
        this.vocabulary = vocabulary;
        this.margin = CLEAR * tolerance;
        this.tokenizer = tokenizer;
    }

    /// Compares a text.
    ///
    /// @param text text of the reference
    /// @param logits the model's logits for the text and its continuation
    void add(ReferenceText text, float[] logits) {
        if (quantity != null && quantity != text.quantity()) {
            throw new InputException(
                    "all texts of a reference must have logits, or all must have log-probabilities; text "
                            + (prompts + 1) + " differs from the texts before it");
        }
        quantity = text.quantity();
        boolean[] finite = finiteRows(logits);
        for (KnownScores row : text.rows()) {
            positions++;
            if (finite[row.position()]) {
                addRow(row, logits);
            }
        }
        boolean wholeGreedy = addGreedy(text, logits, finite);
        if (wholeGreedy) {
            addContinuation(text);
        }
        addIds(text);
        prompts++;
    }

    private boolean[] finiteRows(float[] logits) {
        boolean[] finite = new boolean[logits.length / vocabulary];
        for (int row = 0; row < finite.length; row++) {
            finite[row] = true;
            for (int i = row * vocabulary; i < (row + 1) * vocabulary && finite[row]; i++) {
                finite[row] = Float.isFinite(logits[i]);
            }
            notFinite += finite[row] ? 0 : 1;
        }
        return finite;
    }

    private void addRow(KnownScores row, float[] logits) {
        int from = row.position() * vocabulary;
        double base = quantity == Quantity.LOGPROBS ? logOfSum(logits, from) : 0;
        double largest = 0;
        int best = 0;
        float second = Float.NEGATIVE_INFINITY;
        for (int i = 0; i < row.ids().length; i++) {
            double ours = logits[from + row.ids()[i]] - base;
            double difference = Math.abs(ours - row.values()[i]);
            largest = Math.max(largest, difference);
            if (worst == null || difference > worst.largest()) {
                worst = new Differences(difference, 0, prompts, row.position(), row.ids()[i], ours, row.values()[i]);
            }
            if (row.values()[i] > row.values()[best]) {
                second = row.values()[best];
                best = i;
            } else if (i != best) {
                second = Math.max(second, row.values()[i]);
            }
        }
        largestOfPositions.add(largest);
        if (row.namesLikeliest() && row.values()[best] - (double) second > margin) {
            clearPositions++;
            equalLikeliest += likeliest(logits, from) == row.ids()[best] ? 1 : 0;
        }
    }

    private int likeliest(float[] logits, int from) {
        int best = 0;
        for (int id = 1; id < vocabulary; id++) {
            best = logits[from + id] > logits[from + best] ? id : best;
        }
        return best;
    }

    private double logOfSum(float[] logits, int from) {
        double highest = logits[from + likeliest(logits, from)];
        double sum = 0;
        for (int i = from; i < from + vocabulary; i++) {
            sum += Math.exp(logits[i] - highest);
        }
        return highest + Math.log(sum);
    }

    /// Whether the model would have generated the whole continuation.
    private boolean addGreedy(ReferenceText text, float[] logits, boolean[] finite) {
        int first = text.ids().length - 1;
        boolean whole = true;
        for (int i = 0; i < text.greedy().length; i++) {
            greedyTokens++;
            int position = first + i;
            if (!finite[position]) {
                whole = false;
                continue;
            }
            int from = position * vocabulary;
            int ours = likeliest(logits, from);
            int theirs = text.greedy()[i];
            if (ours == theirs) {
                equalGreedy++;
            } else {
                whole = false;
                addDeparture(new Departure(
                        prompts, position, ours, theirs, (double) logits[from + ours] - logits[from + theirs]));
            }
        }
        return whole;
    }

    private void addDeparture(Departure departure) {
        boolean clear = departure.margin() > margin;
        if (firstDeparture == null || (clear && clearDepartures == 0)) {
            firstDeparture = departure;
        }
        clearDepartures += clear ? 1 : 0;
    }

    /// The same tokens must decode to the same text. A continuation with an incomplete character is not compared.
    private void addContinuation(ReferenceText text) {
        if (tokenizer.isEmpty() || text.continuation().isEmpty()) {
            return;
        }
        Set<String> ours = texts(text.greedy(), tokenizer.get());
        String theirs = text.continuation().get();
        if (theirs.indexOf('\uFFFD') >= 0 || ours.stream().anyMatch(own -> own.indexOf('\uFFFD') >= 0)) {
            return;
        }
        if (ours.contains(theirs)) {
            equalTexts++;
        } else {
            otherTexts++;
            if (firstOtherText == null) {
                firstOtherText = prompts;
            }
        }
    }

    /// The texts that tools may return for the tokens. Some tools write special tokens out, some omit them, and
    /// some end the answer at the first one; all tools omit special tokens at the end.
    private static Set<String> texts(int[] ids, Tokenizer tokenizer) {
        ByteArrayOutputStream written = new ByteArrayOutputStream();
        ByteArrayOutputStream leftOut = new ByteArrayOutputStream();
        Optional<String> ended = Optional.empty();
        int length = ids.length;
        while (length > 0 && !tokenizer.isText(ids[length - 1])) {
            length--;
        }
        for (int id : Arrays.copyOf(ids, length)) {
            byte[] bytes = tokenizer.tokenBytes(id);
            written.writeBytes(bytes);
            if (tokenizer.isText(id)) {
                leftOut.writeBytes(bytes);
            } else if (ended.isEmpty()) {
                ended = Optional.of(leftOut.toString(StandardCharsets.UTF_8));
            }
        }
        Set<String> texts = new LinkedHashSet<>();
        texts.add(written.toString(StandardCharsets.UTF_8));
        texts.add(leftOut.toString(StandardCharsets.UTF_8));
        ended.ifPresent(texts::add);
        return texts;
    }

    private void addIds(ReferenceText text) {
        if (!text.idsAreGiven() || text.text().isEmpty() || tokenizer.isEmpty()) {
            unknownIds++;
        } else if (Arrays.equals(
                tokenizer.get().encodePromptWithSpecials(text.text().get()), text.ids())) {
            equalIds++;
        } else {
            otherIds++;
            if (firstOtherIds == null) {
                firstOtherIds = prompts;
            }
        }
    }

    /// The statistics of all texts so far; at least one text must have been compared.
    VerificationStatistics statistics() {
        if (quantity == null) {
            throw new IllegalStateException("statistics need at least one compared text");
        }
        Optional<Differences> differences = Optional.ofNullable(worst)
                .map(found -> new Differences(
                        found.largest(),
                        Median.of(largestOfPositions, Double::doubleValue),
                        found.prompt(),
                        found.position(),
                        found.token(),
                        found.ours(),
                        found.theirs()));
        return new VerificationStatistics(
                quantity,
                prompts,
                positions,
                notFinite,
                differences,
                new Likeliest(clearPositions, equalLikeliest),
                new Greedy(
                        greedyTokens,
                        equalGreedy,
                        clearDepartures,
                        equalTexts,
                        otherTexts,
                        Optional.ofNullable(firstOtherText),
                        Optional.ofNullable(firstDeparture)),
                new PromptIds(equalIds, otherIds, unknownIds, Optional.ofNullable(firstOtherIds)));
    }
}
