/// Tensors on LibTorch. Only this package uses JavaCPP.
///
/// A {@link dev.saiki.tensor.Tensor} is a handle to native memory. Handles made while a {@link
/// dev.saiki.tensor.TensorScope} is open are freed when the scope closes, unless they are kept; native memory never
/// waits for the garbage collector. Operations carry PyTorch's names and meaning. They are grouped by family:
/// elementwise arithmetic, shape and indexing live on the tensor itself, creation in {@link
/// dev.saiki.tensor.Tensors}, what a network is made of in {@link dev.saiki.tensor.Functional}, and the optimizer
/// in {@link dev.saiki.tensor.AdamW}.
package dev.saiki.tensor;
