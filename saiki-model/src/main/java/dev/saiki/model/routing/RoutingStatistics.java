package dev.saiki.model.routing;

import java.io.DataInput;
import java.io.DataOutput;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/// Routing statistics of a pass or training step. A value that does not apply is NaN.
///
/// @param shareOfTokens the share of all tokens that took each recursion step
/// @param meanDepth the mean number of recursions per token
/// @param samplingAccuracy the share of candidates after step 0 for which the causal rule (the raw logit's
///     sigmoid against one half) agrees with the selection by rank
/// @param deadTokenRatio the share of positions at which no sequence had a token in the last recursion
/// @param loadImbalance token-choice MaxVio: (load of the most loaded depth − mean load) / mean load
/// @param entropy the entropy of the mean token-choice probabilities, in nats
public record RoutingStatistics(
        List<Double> shareOfTokens,
        double meanDepth,
        double samplingAccuracy,
        double deadTokenRatio,
        double loadImbalance,
        double entropy) {

    /// Copies the list.
    public RoutingStatistics {
        shareOfTokens = List.copyOf(shareOfTokens);
    }

    /// Counts that add up over micro-batches.
    public static final class Counts {

        private final long[] tokensPerStep;
        private final boolean[] reachedLast;
        private final double[] probabilitySums;
        private final boolean tokenChoice;
        private final boolean routed;
        private long tokens;
        private long predictions;
        private long correctPredictions;

        /// Creates empty counts.
        ///
        /// @param numRecursions the number of recursions N
        /// @param time tokens per sequence
        /// @param routed whether the model has routing
        /// @param tokenChoice whether tokens choose their depth once
        public Counts(int numRecursions, int time, boolean routed, boolean tokenChoice) {
            this.tokensPerStep = new long[numRecursions];
            this.reachedLast = new boolean[time];
            this.probabilitySums = new double[numRecursions];
            this.routed = routed;
            this.tokenChoice = tokenChoice;
        }

        /// Counts the tokens of one recursion step.
        ///
        /// @param step the step, from 0
        /// @param active the tokens of the step
        public void countStep(int step, ActiveTokens active) {
            tokensPerStep[step] += active.count();
            if (step == 0) {
                tokens += active.count();
            }
            if (step == tokensPerStep.length - 1) {
                for (int b = 0; b < active.batch(); b++) {
                    for (int position : active.positions(b)) {
                        reachedLast[position] = true;
                    }
                }
            }
        }

        void countPredictions(long all, long correct) {
            predictions += all;
            correctPredictions += correct;
        }

        void addProbabilities(float[] meanProbabilities, int tokensAveraged) {
            for (int i = 0; i < probabilitySums.length; i++) {
                probabilitySums[i] += (double) meanProbabilities[i] * tokensAveraged;
            }
        }

        /// Adds the counts of another micro-batch.
        ///
        /// @param other counts of the same model, from sequences not longer than those of these counts
        public void add(Counts other) {
            tokens += other.tokens;
            predictions += other.predictions;
            correctPredictions += other.correctPredictions;
            for (int i = 0; i < tokensPerStep.length; i++) {
                tokensPerStep[i] += other.tokensPerStep[i];
                probabilitySums[i] += other.probabilitySums[i];
            }
            for (int t = 0; t < other.reachedLast.length; t++) {
                reachedLast[t] |= other.reachedLast[t];
            }
        }

        /// Serialises the counts for another process.
        ///
        /// @param output the destination, from which {@link #read} can read the counts
        /// @throws IOException if writing fails
        public void write(DataOutput output) throws IOException {
            output.writeInt(tokensPerStep.length);
            output.writeInt(reachedLast.length);
            output.writeBoolean(routed);
            output.writeBoolean(tokenChoice);
            for (int i = 0; i < tokensPerStep.length; i++) {
                output.writeLong(tokensPerStep[i]);
                output.writeDouble(probabilitySums[i]);
            }
            for (boolean reached : reachedLast) {
                output.writeBoolean(reached);
            }
            output.writeLong(tokens);
            output.writeLong(predictions);
            output.writeLong(correctPredictions);
        }

        /// Reads the counts of another process.
        ///
        /// @param input the source of the counts that {@link #write} wrote
        /// @return the counts
        /// @throws IOException if reading fails
        public static Counts read(DataInput input) throws IOException {
            int numRecursions = input.readInt();
            int time = input.readInt();
            Counts counts = new Counts(numRecursions, time, input.readBoolean(), input.readBoolean());
            for (int i = 0; i < numRecursions; i++) {
                counts.tokensPerStep[i] = input.readLong();
                counts.probabilitySums[i] = input.readDouble();
            }
            for (int t = 0; t < time; t++) {
                counts.reachedLast[t] = input.readBoolean();
            }
            counts.tokens = input.readLong();
            counts.predictions = input.readLong();
            counts.correctPredictions = input.readLong();
            return counts;
        }

        /// Returns the share of tokens at each depth 1 … N.
        ///
        /// @return shares that add up to 1
        public double[] load() {
            double[] load = new double[tokensPerStep.length];
            for (int i = 0; i < load.length; i++) {
                long deeper = i + 1 < load.length ? tokensPerStep[i + 1] : 0;
                load[i] = (double) (tokensPerStep[i] - deeper) / tokens;
            }
            return load;
        }

        /// Computes the statistics.
        ///
        /// @return the statistics
        public RoutingStatistics toStatistics() {
            List<Double> shares = Arrays.stream(tokensPerStep)
                    .mapToObj(count -> (double) count / tokens)
                    .toList();
            double meanDepth = shares.stream().mapToDouble(Double::doubleValue).sum();
            return new RoutingStatistics(
                    shares,
                    meanDepth,
                    predictions == 0 ? Double.NaN : (double) correctPredictions / predictions,
                    routed ? deadTokenRatio() : Double.NaN,
                    tokenChoice ? loadImbalance() : Double.NaN,
                    tokenChoice ? entropy() : Double.NaN);
        }

        private double deadTokenRatio() {
            int dead = 0;
            for (boolean reached : reachedLast) {
                dead += reached ? 0 : 1;
            }
            return (double) dead / reachedLast.length;
        }

        private double loadImbalance() {
            double mean = 1.0 / tokensPerStep.length;
            return (Arrays.stream(load()).max().orElse(mean) - mean) / mean;
        }

        private double entropy() {
            double total = Arrays.stream(probabilitySums).sum();
            double entropy = total == 0 ? Double.NaN : 0;
            for (double sum : probabilitySums) {
                double share = sum / total;
                entropy -= share > 0 ? share * Math.log(share) : 0;
            }
            return entropy;
        }
    }
}
