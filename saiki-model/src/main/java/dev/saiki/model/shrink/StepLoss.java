package dev.saiki.model.shrink;

/// The distance of a recursion step's weights in a shrunk model from those of the layers that the step
/// stands for, in Frobenius' norm, divided by the norm of these layers: 0 if they are the same, 1 if there
/// were zeros in their place, and above 1 where the shared layers are farther from them than zeros.
///
/// @param step from 0
/// @param tied the distance of the shared weights
/// @param left the distance with the step's updates
public record StepLoss(int step, double tied, double left) {}
