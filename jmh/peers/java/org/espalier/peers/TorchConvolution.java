package org.espalier.peers;

import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.LongArrayRefOptional;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.espalier.kernel.contract.ConvGeometry;
import org.espalier.peers.ConvBenchmarks.Pass;
import org.espalier.tensor.Tensor;

/** libtorch's convolution, and either gradient alone. */
final class TorchConvolution {
  private static final long[] ZEROS = {0, 0};
  private static final long[] ONES = {1, 1};

  private final org.bytedeco.pytorch.Tensor x;
  private final org.bytedeco.pytorch.Tensor w;
  private final org.bytedeco.pytorch.Tensor dy;
  private final long[] stride;
  private final long[] padding;
  private final int groups;

  /** Copies the operands, an image a row in {@code x} and {@code dy}. */
  TorchConvolution(ConvGeometry g, int images, Tensor x, Tensor w, Tensor dy, MemoryFormat format) {
    var in = g.input();
    var out = g.output();
    this.x = copy(x, format, images, in.channels(), in.height(), in.width());
    this.w =
        copy(w, format, g.outputs(), in.channels() / g.groups(), g.kernelHeight(), g.kernelWidth());
    this.dy = copy(dy, format, images, out.channels(), out.height(), out.width());
    stride = new long[] {g.stride(), g.stride()};
    padding = new long[] {g.padding(), g.padding()};
    groups = g.groups();
  }

  private static org.bytedeco.pytorch.Tensor copy(Tensor t, MemoryFormat format, long... dims) {
    return Torch.tensor(t).view(dims).contiguous(format);
  }

  /** Returns the work that is timed. */
  Runnable job(Pass pass) {
    return () -> {
      try (var _ = new PointerScope()) {
        compute(pass);
      }
    };
  }

  /** Returns the elements of the result. */
  float[] result(Pass pass) {
    try (var _ = new PointerScope()) {
      return Torch.floats(compute(pass));
    }
  }

  private org.bytedeco.pytorch.Tensor compute(Pass pass) {
    return switch (pass) {
      case FORWARD -> torch.conv2d(x, w, new TensorOptional(), stride, padding, ONES, groups);
      case INPUT_GRADIENT -> backward(true, false).get0();
      case WEIGHT_GRADIENT -> backward(false, true).get1();
    };
  }

  private org.bytedeco.pytorch.T_TensorTensorTensor_T backward(boolean input, boolean weight) {
    BoolPointer wanted = new BoolPointer(3).put(0, input).put(1, weight).put(2, false);
    return torch.convolution_backward(
        dy, x, w, new LongArrayRefOptional(), stride, padding, ONES, false, ZEROS, groups, wanted);
  }
}
