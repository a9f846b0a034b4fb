package dev.saiki.server.audit;

import java.time.LocalDate;
import java.util.Optional;

/// The usage of one subject on one day.
///
/// @param day in universal time
/// @param subject the name of the key, if the server had keys
/// @param requests the number of requests
/// @param failures the number of requests with a status of 400 or more
/// @param promptTokens tokens of the requests' prompts
/// @param completionTokens generated tokens
/// @param meanDepth the mean number of recursions of a token
/// @param flops the FLOPs computed
/// @param flopsSaved the additional FLOPs that full depth would have taken
public record AuditSummary(
        LocalDate day,
        Optional<String> subject,
        long requests,
        long failures,
        long promptTokens,
        long completionTokens,
        Optional<Double> meanDepth,
        double flops,
        double flopsSaved) {}
