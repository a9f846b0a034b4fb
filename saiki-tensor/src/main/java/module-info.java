/// Tensors, the functions of a transformer, an optimizer and process groups on LibTorch; the only module that uses
/// JavaCPP.
@org.jspecify.annotations.NullMarked
module dev.saiki.tensor {
    requires static transitive org.jspecify;
    requires jdk.jfr;
    requires org.bytedeco.javacpp;
    requires org.bytedeco.openblas;
    requires org.bytedeco.pytorch;

    exports dev.saiki.tensor;
}
