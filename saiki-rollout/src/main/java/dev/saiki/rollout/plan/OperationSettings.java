package dev.saiki.rollout.plan;

import dev.saiki.rollout.check.RemoteService;
import java.util.List;
import java.util.Optional;

/// The connections of a rollout to how a company runs its services.
///
/// @param levels the gates by levels that other systems know
/// @param hours the hours in which the rollout may move forward; empty for all
/// @param notifications the webhooks that receive each decision
public record OperationSettings(
        List<LevelGate> levels, Optional<PromotionHours> hours, List<RemoteService> notifications) {

    /// No levels, all hours, no notifications.
    public static final OperationSettings NONE = new OperationSettings(List.of(), Optional.empty(), List.of());

    /// Copies the lists.
    public OperationSettings {
        levels = List.copyOf(levels);
        notifications = List.copyOf(notifications);
    }
}
