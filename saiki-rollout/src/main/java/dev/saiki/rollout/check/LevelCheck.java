package dev.saiki.rollout.check;

import tools.jackson.databind.node.ObjectNode;

/// A question to another system whether a level holds now. Its answers are no evidence over conversations.
public sealed interface LevelCheck permits PrometheusCheck, WebhookCheck {

    /// Returns the asked service.
    ///
    /// @return the service
    RemoteService service();

    /// Asks.
    ///
    /// @param stage the stage and the figures of the rollout
    /// @return the answer; a missing one on an error, a timeout, or an answer that cannot be read
    LevelReading ask(ObjectNode stage);
}
