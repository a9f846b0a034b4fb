package dev.saiki.http.key;

/// The role of an API key.
public enum Role {
    /// Uses the model, and sees the audit records of its own requests.
    USER,
    /// A user who may also monitor and control the server.
    OPERATOR,
    /// Sees all audit records, and may not use the model.
    AUDITOR
}
