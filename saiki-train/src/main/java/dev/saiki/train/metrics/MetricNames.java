package dev.saiki.train.metrics;

import dev.saiki.checkpoint.Manifest;

/// The names of logged metrics; the part before the slash is their group in TensorBoard.
public final class MetricNames {

    /// Mean negative log-likelihood of the next token over the global batch, nats; if there are conversations,
    /// over their answers only.
    public static final String CROSS_ENTROPY_LOSS = "train/cross_entropy_loss";

    /// Mean negative log-likelihood of the next token on text that is trained on alongside conversations, nats.
    public static final String TEXT_LOSS = "train/cross_entropy_loss/text";

    /// The minimised loss: the sum of all loss terms with their coefficients, except the auxiliary router's.
    public static final String TOTAL_LOSS = "train/total_loss";

    /// The expert-choice router's loss before its coefficient.
    public static final String AUXILIARY_LOSS = "train/auxiliary_loss";

    /// The token-choice balancing loss before its coefficient.
    public static final String BALANCING_LOSS = "train/balancing_loss";

    /// The router z-loss before its coefficient.
    public static final String ROUTER_Z_LOSS = "train/router_z_loss";

    /// The auxiliary router's loss, which trains only that router.
    public static final String AUXILIARY_ROUTER_LOSS = "train/auxiliary_router_loss";

    /// The start of a name that ends with a depth: mean negative log-likelihood of the next token after this
    /// number of recursions, over the micro-batches at full depth, nats.
    public static final String LOSS_AT_DEPTH = "train/loss_at_depth/";

    /// The distillation loss from the deepest exit to the others in micro-batches at full depth, before its
    /// coefficient, nats.
    public static final String DISTILLATION_LOSS = "train/distillation_loss";

    /// The loss of the router trained on measured gains, before its coefficient.
    public static final String ROUTER_GAIN_LOSS = "train/router_gain_loss";

    /// The loss of the router trained on measured gains, over tokens that the router rejected but that took one
    /// more recursion step for training.
    public static final String REJECTED_GAIN_LOSS = "train/rejected_gain_loss";

    /// The divergence from a teacher's predictions on the text on which it teaches, before its coefficient, nats.
    public static final String TEACHER_LOSS = "train/teacher_loss";

    /// Tokens trained on since the start of the run, including repeats, without those of a teacher's own text.
    public static final String TOKENS_SEEN = "train/tokens_seen";

    /// Forward FLOPs spent since the start of the run, by the paper's accounting at the configured capacities and
    /// the depth of each step, plus the extra exits of micro-batches at full depth, the second passes in which
    /// rejected tokens take one more recursion, and a teacher's passes.
    public static final String FORWARD_FLOPS = "train/forward_flops";

    /// Mean negative log-likelihood of the next token on held-out rows, nats.
    public static final String VALIDATION_LOSS = "validation/cross_entropy_loss";

    /// The standard error of {@link #VALIDATION_LOSS} over sequences, nats.
    public static final String VALIDATION_STANDARD_ERROR = "validation/cross_entropy_loss_standard_error";

    /// Mean negative log-likelihood of the next token on the held-out text that is trained on alongside
    /// conversations, nats.
    public static final String VALIDATION_TEXT_LOSS = "validation/cross_entropy_loss/text";

    /// The standard error of {@link #VALIDATION_TEXT_LOSS} over sequences, nats.
    public static final String VALIDATION_TEXT_STANDARD_ERROR = "validation/cross_entropy_loss_standard_error/text";

    /// Held-out loss in bits per byte of text.
    public static final String VALIDATION_BITS_PER_BYTE = "validation/bits_per_byte";

    /// Mean number of recursions per held-out token.
    public static final String VALIDATION_MEAN_DEPTH = "validation/mean_recursion_depth";

    /// Mean number of recursions per prompt token of a held-out conversation.
    public static final String VALIDATION_PROMPT_DEPTH = "validation/mean_recursion_depth/prompt";

    /// Mean number of recursions per token of a held-out answer.
    public static final String VALIDATION_ANSWER_DEPTH = "validation/mean_recursion_depth/answer";

    /// The start of a name that ends with a depth: the share of held-out tokens that took this number of
    /// recursions.
    public static final String VALIDATION_DEPTH_SHARE = Manifest.DEPTH_SHARE;

    /// Tokens trained on per second of wall-clock time since the previous line, including data loading, the step
    /// and logging, but not validation and saving.
    public static final String TOKENS_PER_SECOND = "throughput/tokens_per_second";

    /// Mean number of recursions per training token.
    public static final String MEAN_RECURSION_DEPTH = "routing/mean_recursion_depth";

    /// The start of a name that ends with the recursion step: the share of all tokens that took part in that step.
    public static final String CAPACITY_FACTOR = "routing/capacity_factor/";

    /// The share of candidate tokens for which the causal decision agrees with the selection in training.
    public static final String SAMPLING_ACCURACY = "routing/sampling_accuracy";

    /// The share of sequence positions at which no token of any sequence took the last recursion step.
    public static final String DEAD_TOKEN_RATIO = "routing/dead_token_ratio";

    /// The imbalance over the depths that a token can choose: (largest load − mean load) / mean load.
    public static final String BALANCING_RATIO = "routing/balancing_ratio";

    /// The entropy of the mean probabilities with which token choice selects each depth, nats.
    public static final String ENTROPY = "routing/entropy";

    /// The maximum number of recursions of a token in the step; only in runs that enable recursions late.
    public static final String RECURSIONS = "schedule/recursions";

    /// The learning rate of the step.
    public static final String LEARNING_RATE = "optimizer/learning_rate";

    /// The norm of the gradient before clipping, without routers that are trained separately.
    public static final String GRAD_NORM = "optimizer/grad_norm";

    /// The number of steps so far that were not taken because the loss or gradient norm was a spike; only if spike
    /// detection is on.
    public static final String SPIKES = "stability/spikes";

    /// Physical memory of the process, bytes.
    public static final String RESIDENT_BYTES = "memory/resident_bytes";

    /// The largest physical memory of the process so far, bytes.
    public static final String PEAK_RESIDENT_BYTES = "memory/peak_resident_bytes";

    private MetricNames() {}
}
