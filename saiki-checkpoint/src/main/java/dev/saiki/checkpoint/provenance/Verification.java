package dev.saiki.checkpoint.provenance;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// A comparison of a model with a reference run, valid for the compared weights only.
///
/// @param reference the other run
/// @param verified when, to the second
/// @param saikiVersion of the program that compared
/// @param contentHash of the model's structure and tensors
/// @param engine what computed: `torch` or `cpu`
/// @param weights number format of the weights in the computation: `float32`, `bfloat16` or `int8`
/// @param tolerance largest difference that was allowed
/// @param agreed the verdict
/// @param statistics what was seen
public record Verification(
        Reference reference,
        Instant verified,
        String saikiVersion,
        String contentHash,
        String engine,
        String weights,
        double tolerance,
        boolean agreed,
        VerificationStatistics statistics) {

    /// Cuts the time to seconds.
    public Verification {
        verified = verified.truncatedTo(ChronoUnit.SECONDS);
    }

    /// The source of a reference.
    public enum Kind {
        /// A file with the results of another tool.
        FILE,
        /// A server.
        ENDPOINT
    }

    /// The reference run.
    ///
    /// @param kind where it comes from
    /// @param name name of the file, or address of the server
    /// @param tool the tool and its version, as far as it is stated
    /// @param model the tool's name for the model
    /// @param sha256 of the file; empty for an endpoint
    public record Reference(Kind kind, String name, String tool, String model, String sha256) {}

    /// Tells whether another verification has the same conditions, so that this one replaces it.
    ///
    /// @param other another one
    /// @return whether engine and number format are equal
    public boolean replaces(Verification other) {
        return engine.equals(other.engine) && weights.equals(other.weights);
    }
}
