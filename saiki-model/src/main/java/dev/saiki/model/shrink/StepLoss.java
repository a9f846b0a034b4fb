package dev.saiki.model.shrink;

/// The relative Frobenius distance of a recursion step's weights from the layers that it replaces: 0 if they
/// are equal, 1 if the weights are zeros, and above 1 if the shared layers are farther away than zeros would
/// be.
///
/// @param step the recursion step, from 0
/// @param tied the distance of the shared weights
/// @param left the distance after the step's updates
public record StepLoss(int step, double tied, double left) {}
