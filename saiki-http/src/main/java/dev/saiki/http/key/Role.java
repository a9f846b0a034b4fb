package dev.saiki.http.key;

/// The role of an API key.
public enum Role {
    /// Asks the model, and sees the audit records of its own requests.
    USER,
    /// A user who also watches and steers the server.
    OPERATOR,
    /// Sees the audit records of all, and asks the model nothing.
    AUDITOR
}
