package dev.saiki.train.metrics;

import dev.saiki.checkpoint.Manifest;

/// The names of logged metrics; the part before the slash is their group in TensorBoard.
public final class MetricNames {

    /// Mean negative log-likelihood of the next token over the global batch, nats; of answers where there are
    /// conversations.
    public static final String CROSS_ENTROPY_LOSS = "train/cross_entropy_loss";

    /// The same of text that is learnt beside conversations.
    public static final String TEXT_LOSS = "train/cross_entropy_loss/text";

    /// All loss terms with their coefficients, as minimized.
    public static final String TOTAL_LOSS = "train/total_loss";

    /// The expert-choice router's loss before its coefficient.
    public static final String AUXILIARY_LOSS = "train/auxiliary_loss";

    /// The token-choice balancing loss before its coefficient.
    public static final String BALANCING_LOSS = "train/balancing_loss";

    /// The router z-loss before its coefficient.
    public static final String ROUTER_Z_LOSS = "train/router_z_loss";

    /// The loss of the auxiliary router, which does not touch the model.
    public static final String AUXILIARY_ROUTER_LOSS = "train/auxiliary_router_loss";

    /// Followed by a depth: mean negative log-likelihood of the next token after so many recursions, over the
    /// micro-batches at full depth, nats.
    public static final String LOSS_AT_DEPTH = "train/loss_at_depth/";

    /// What the deepest exit teaches the others in micro-batches at full depth, before its coefficient, nats.
    public static final String DISTILLATION_LOSS = "train/distillation_loss";

    /// The loss of the router that is taught by measured gain, before its coefficient.
    public static final String ROUTER_GAIN_LOSS = "train/router_gain_loss";

    /// The same loss, of tokens that the router rejected and that were sent one recursion further.
    public static final String REJECTED_GAIN_LOSS = "train/rejected_gain_loss";

    /// How far the predictions of a teacher are away, on the text on which it teaches, before its
    /// coefficient, nats.
    public static final String TEACHER_LOSS = "train/teacher_loss";

    /// Tokens trained on since the start of the run, repeats included, without those of a teacher's own text.
    public static final String TOKENS_SEEN = "train/tokens_seen";

    /// Forward FLOPs spent since the start of the run, by the paper's count at the configured capacities
    /// and the depth of each step, the exits that micro-batches at full depth run besides, and the passes of
    /// a teacher.
    public static final String FORWARD_FLOPS = "train/forward_flops";

    /// Mean negative log-likelihood of the next token on held-out rows, nats.
    public static final String VALIDATION_LOSS = "validation/cross_entropy_loss";

    /// The standard error of {@link #VALIDATION_LOSS} over sequences, nats.
    public static final String VALIDATION_STANDARD_ERROR = "validation/cross_entropy_loss_standard_error";

    /// Mean negative log-likelihood of the next token on held-out text that is learnt beside conversations, nats.
    public static final String VALIDATION_TEXT_LOSS = "validation/cross_entropy_loss/text";

    /// The standard error of {@link #VALIDATION_TEXT_LOSS} over sequences, nats.
    public static final String VALIDATION_TEXT_STANDARD_ERROR = "validation/cross_entropy_loss_standard_error/text";

    /// Held-out loss in bits for each byte of text.
    public static final String VALIDATION_BITS_PER_BYTE = "validation/bits_per_byte";

    /// Mean number of recursions of a held-out token.
    public static final String VALIDATION_MEAN_DEPTH = "validation/mean_recursion_depth";

    /// Mean number of recursions of a token of a held-out conversation that is read only.
    public static final String VALIDATION_PROMPT_DEPTH = "validation/mean_recursion_depth/prompt";

    /// Mean number of recursions of a token of a held-out answer.
    public static final String VALIDATION_ANSWER_DEPTH = "validation/mean_recursion_depth/answer";

    /// Followed by a depth: the share of held-out tokens that took so many recursions.
    public static final String VALIDATION_DEPTH_SHARE = Manifest.DEPTH_SHARE;

    /// Tokens trained on for each second of wall-clock time since the line before: loading of data, the step
    /// and logging are in it, validation and the saving of states are not.
    public static final String TOKENS_PER_SECOND = "throughput/tokens_per_second";

    /// Mean number of recursions of a training token.
    public static final String MEAN_RECURSION_DEPTH = "routing/mean_recursion_depth";

    /// Followed by the recursion step: the share of all tokens that took part in it.
    public static final String CAPACITY_FACTOR = "routing/capacity_factor/";

    /// How often the causal decision agrees with the selection in training.
    public static final String SAMPLING_ACCURACY = "routing/sampling_accuracy";

    /// The share of positions that no sequence sent to the last recursion step.
    public static final String DEAD_TOKEN_RATIO = "routing/dead_token_ratio";

    /// (Largest load − mean load) / mean load over the depths a token can choose.
    public static final String BALANCING_RATIO = "routing/balancing_ratio";

    /// Entropy of the mean selection probabilities, nats.
    public static final String ENTROPY = "routing/entropy";

    /// The most recursions that a token could take in the step; only of runs in which recursions come late.
    public static final String RECURSIONS = "schedule/recursions";

    /// The learning rate of the step.
    public static final String LEARNING_RATE = "optimizer/learning_rate";

    /// The norm of all gradients together, before clipping, without those of routers that are trained apart.
    public static final String GRAD_NORM = "optimizer/grad_norm";

    /// Steps so far whose loss or gradient stood out, which were not taken; only if such steps are looked
    /// for.
    public static final String SPIKES = "stability/spikes";

    /// Physical memory of the process, bytes.
    public static final String RESIDENT_BYTES = "memory/resident_bytes";

    /// The largest physical memory of the process so far, bytes.
    public static final String PEAK_RESIDENT_BYTES = "memory/peak_resident_bytes";

    private MetricNames() {}
}
