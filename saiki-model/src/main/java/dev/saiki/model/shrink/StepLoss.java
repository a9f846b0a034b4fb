package dev.saiki.model.shrink;

/// The part of the weights of one recursion step that a shrunk model no longer has, as a share of them in Frobenius'
/// norm.
///
/// @param step from 0
/// @param tied what tying the layers lost
/// @param left what is lost still, with the step's updates
public record StepLoss(int step, double tied, double left) {}
