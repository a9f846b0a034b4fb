package dev.saiki.checkpoint.provenance;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

/// A comparison of a model's results with those of another tool; it is valid only for the weights that were
/// compared.
///
/// @param reference the source of the other tool's results
/// @param verified the time of the comparison, to the second
/// @param saikiVersion version of Saiki that made the comparison
/// @param contentHash hash of the model's structure and tensors
/// @param engine the engine: `torch` or `cpu`
/// @param weights number format of the weights in the computation: `float32`, `bfloat16`, `int8`, `int6` or `int4`
/// @param tolerance the maximum allowed difference
/// @param agreed whether the results agree
/// @param statistics the statistics of the comparison
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

    /// Truncates the time to seconds.
    public Verification {
        verified = verified.truncatedTo(ChronoUnit.SECONDS);
    }

    /// The kind of source of the other tool's results.
    public enum Kind {
        /// A file with the results of another tool.
        FILE,
        /// A server.
        ENDPOINT
    }

    /// The source of the other tool's results.
    ///
    /// @param kind the kind of source
    /// @param name name of the file, or address of the server
    /// @param tool the tool and, if known, its version
    /// @param model the tool's name for the model
    /// @param sha256 SHA-256 of the file; empty for a server
    public record Reference(Kind kind, String name, String tool, String model, String sha256) {}

    /// Tells whether another verification is for the same engine and number format, so that this one replaces
    /// it.
    ///
    /// @param other the other verification
    /// @return whether engine and number format are equal
    public boolean replaces(Verification other) {
        return engine.equals(other.engine) && weights.equals(other.weights);
    }
}
