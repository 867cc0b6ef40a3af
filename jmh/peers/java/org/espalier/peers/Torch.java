package org.espalier.peers;

import java.util.List;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.NoGradGuard;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/** What all that runs in libtorch needs. */
final class Torch {
  /** How feature maps may lie. */
  static final List<MemoryFormat> FORMATS =
      List.of(MemoryFormat.Contiguous, MemoryFormat.ChannelsLast);

  private static final int TRIALS = 4;

  private Torch() {}

  static void setThreads(int threads) {
    torch.set_num_threads(threads);
    OpenBlas.setThreads(threads);
  }

  /** Returns the name of its jar, which tells the version. */
  static String description() {
    String jar = torch.class.getProtectionDomain().getCodeSource().getLocation().getPath();
    return jar.substring(jar.lastIndexOf('/') + 1);
  }

  /**
   * Returns the memory format of feature maps with which libtorch is faster at a job; what its
   * users would choose.
   *
   * @param job makes the job, given the format
   */
  static MemoryFormat faster(Function<MemoryFormat, Runnable> job) {
    Runnable contiguous = job.apply(MemoryFormat.Contiguous);
    Runnable channelsLast = job.apply(MemoryFormat.ChannelsLast);
    double first = Double.MAX_VALUE;
    double second = Double.MAX_VALUE;
    for (int i = 0; i < TRIALS; i++) {
      first = Math.min(first, Job.of(contiguous).time(1));
      second = Math.min(second, Job.of(channelsLast).time(1));
    }
    return first < second ? MemoryFormat.Contiguous : MemoryFormat.ChannelsLast;
  }

  static String description(MemoryFormat format) {
    return description() + ", " + format;
  }

  /** Returns the elements of a tensor, row by row. */
  static float[] floats(Tensor t) {
    float[] values = new float[Math.toIntExact(t.numel())];
    try (Tensor packed = t.contiguous();
        var pointer = packed.data_ptr_float()) {
      pointer.get(values);
    }
    return values;
  }

  /** Returns a tensor with memory of its own. */
  static Tensor tensor(org.espalier.tensor.Tensor t) {
    return tensor(t.toArray(), IntStream.of(t.shape().dims()).asLongStream().toArray());
  }

  static Tensor tensor(float[] values, long... dims) {
    try (var pointer = new FloatPointer(values);
        Tensor view = torch.from_blob(pointer, dims)) {
      return view.clone();
    }
  }

  static Tensor labels(int[] values) {
    try (var pointer = new LongPointer(IntStream.of(values).asLongStream().toArray());
        var type = new TensorOptions(torch.ScalarType.Long);
        Tensor view = torch.from_blob(pointer, new long[] {values.length}, type)) {
      return view.clone();
    }
  }

  /**
   * Returns what is computed without being recorded for a backward pass; the caller closes it.
   * Everything else that the computation makes is released.
   */
  static Tensor withoutGradient(Supplier<Tensor> computation) {
    try (var scope = new PointerScope()) {
      new NoGradGuard(); // until the scope ends
      Tensor result = computation.get();
      result.retainReference(); // the scope lets go of its own
      scope.detach(result);
      return result;
    }
  }

  /** Returns the elements of a tensor of booleans, row by row. */
  static boolean[] booleans(Tensor t) {
    boolean[] values = new boolean[Math.toIntExact(t.numel())];
    try (Tensor bytes = t.to(torch.ScalarType.Byte).contiguous();
        var pointer = bytes.data_ptr_byte()) {
      for (int i = 0; i < values.length; i++) {
        values[i] = pointer.get(i) != 0;
      }
    }
    return values;
  }
}
