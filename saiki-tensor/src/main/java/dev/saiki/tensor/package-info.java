/// Tensors on LibTorch. Only this package uses JavaCPP.
///
/// A {@link dev.saiki.tensor.Tensor} is a handle to native memory. Handles created while a {@link
/// dev.saiki.tensor.TensorScope} is open are freed when the scope closes, unless they are kept; freeing native
/// memory never depends on the garbage collector. Operations have PyTorch's meaning and mostly PyTorch's names.
/// Operations are grouped by family: elementwise arithmetic, shape and indexing are methods of the tensor itself,
/// creation is in {@link dev.saiki.tensor.Tensors}, the functions of a network in {@link
/// dev.saiki.tensor.Functional}, and the optimizer in {@link dev.saiki.tensor.AdamW}.
package dev.saiki.tensor;
