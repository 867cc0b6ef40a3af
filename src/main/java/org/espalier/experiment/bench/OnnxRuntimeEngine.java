package org.espalier.experiment.bench;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.LongStream;
import org.espalier.InputException;
import org.espalier.io.onnx.OnnxFile;
import org.espalier.io.onnx.read.ElementType;
import org.espalier.io.onnx.read.OnnxModel;
import org.espalier.io.onnx.read.OnnxValue;
import org.espalier.io.onnx.translate.ImportOptions;
import org.espalier.io.onnx.translate.OnnxImport;
import org.espalier.model.Graph;
import org.espalier.tensor.Shape;
import org.jspecify.annotations.Nullable;

/**
 * ONNX Runtime on the same network, if its jar is on the class path: on the file that the network
 * comes from, or on the graph as {@link OnnxFile} writes it; all graph optimisations on, as many
 * threads within an operator as ours has and one between operators. Its input lies in its own
 * memory before a request begins and its output goes where it belongs, so that nothing is copied
 * for its sake.
 *
 * <p>Its classes are called by name. A service that the jar provides would need a class of ours
 * compiled against it, and so a second jar of ours beside the plain one: this way a user adds
 * theirs to the class path and that is all. Set-up is reflection; a request is one method handle,
 * some nanoseconds on top of a call of several microseconds.
 */
public final class OnnxRuntimeEngine implements Engine {
  private static final String NAME = "onnxruntime";

  /** What another order of the sums may change. */
  private static final double ANOTHER_ORDER = 1e-3;

  /** Of what 8 bits leave is asked only that it is the same network. */
  private static final double EIGHT_BITS = 0.5;

  private static final String PACKAGE = "ai.onnxruntime.";
  private static final String SESSION = "OrtSession";
  private static final String OPTIONS = "OrtSession$SessionOptions";
  private static final String OPTIMIZATION = "OrtSession$SessionOptions$OptLevel";

  /** What the runtime reads: the bytes of a file, or its path. */
  private final Object model;

  private final String name;
  private final double tolerance;
  private final int threads;
  private final Graph graph;

  /** Whether the first extent of values counts the examples. */
  private final boolean batched;

  /** How many examples the file computes at once; 0 if that is open. */
  private final int atOnce;

  private final Object environment;

  private OnnxRuntimeEngine(
      Object model,
      String name,
      double tolerance,
      int threads,
      Graph graph,
      boolean batched,
      int atOnce) {
    this.model = model;
    this.name = name;
    this.tolerance = tolerance;
    this.threads = threads;
    this.graph = graph;
    this.batched = batched;
    this.atOnce = atOnce;
    environment = callStatic("OrtEnvironment", "getEnvironment");
  }

  /**
   * Writes a network for ONNX Runtime.
   *
   * @param threads threads of a request
   * @throws InputException if its jar is not on the class path, or not of this machine's kind
   */
  public static OnnxRuntimeEngine of(Graph graph, OnnxFile.Form form, int threads) {
    boolean exact = form == OnnxFile.Form.FLOAT;
    return new OnnxRuntimeEngine(
        OnnxFile.bytes(graph, form),
        exact ? NAME : NAME + "-int8",
        exact ? ANOTHER_ORDER : EIGHT_BITS,
        threads,
        graph,
        true,
        0);
  }

  /**
   * Takes somebody's file as it is. Where it says how many examples it computes at once, a request
   * is as many runs as it takes.
   *
   * @param threads threads of a request
   * @throws InputException if its jar is not on the class path, or not of this machine's kind; if
   *     the file can't be read; or if it takes anything but floats
   */
  public static OnnxRuntimeEngine ofFile(Path file, int threads) {
    OnnxModel model = OnnxModel.read(file);
    OnnxImport imported =
        OnnxImport.of(file.toString(), model.graph(), model.metadata(), ImportOptions.defaults());
    int atOnce = imported.batched() ? 0 : 1;
    for (OnnxValue input : model.graph().freeInputs()) {
      if (input.type() != ElementType.FLOAT) {
        throw InputException.expected(
            file + ", input " + input.name(), "floats, to compare on", input.type());
      }
      if (imported.batched()
          && input.shape().orElseThrow().getFirst() instanceof OnnxValue.Extent.Fixed(long size)
          && size > 0) {
        atOnce = Math.toIntExact(size);
      }
    }
    return new OnnxRuntimeEngine(
        file.toString(),
        NAME,
        imported.leavesOutRounding() ? EIGHT_BITS : ANOTHER_ORDER,
        threads,
        imported.graph(),
        imported.batched(),
        atOnce);
  }

  @Override
  public String name() {
    return name;
  }

  /** Returns the version of the library. */
  public String version() {
    return String.valueOf(call(environment, "getVersion"));
  }

  /** Returns whether the jar is on the class path; whether it fits shows when it is used. */
  public static boolean isPresent() {
    return OnnxRuntimeEngine.class
            .getClassLoader()
            .getResource("ai/onnxruntime/OrtEnvironment.class")
        != null;
  }

  @Override
  public int threads() {
    return threads;
  }

  @Override
  public int inputs() {
    return InputBlocks.size(graph.inputs());
  }

  @Override
  public double tolerance() {
    return tolerance;
  }

  /** What the runtime takes lies outside of the JVM, which doesn't limit it. */
  @Override
  public void requireMemory(int requests) {}

  @Override
  public Request prepare(int batch, float[] x) {
    if (atOnce > 0 && batch % atOnce != 0) {
      throw InputException.expected(
          "--batch",
          "a multiple of the examples that " + model + " computes at once: " + atOnce,
          batch);
    }
    Object options = options();
    call(options, "setIntraOpNumThreads", threads);
    call(options, "setInterOpNumThreads", 1);
    call(options, "setOptimizationLevel", callStatic(OPTIMIZATION, "valueOf", "ALL_OPT"));
    List<Object> opened = new ArrayList<>();
    Object session = session(options);
    opened.add(session);
    opened.add(options);
    int n = atOnce == 0 ? batch : atOnce;
    FloatBuffer out = direct(Math.multiplyExact(batch, graph.outputShape().size()));
    Map<String, float[]> given = InputBlocks.of(graph.inputs(), batch, x);
    MethodHandle[] runs = new MethodHandle[batch / n];
    for (int i = 0; i < runs.length; i++) {
      Map<String, Object> inputs = new LinkedHashMap<>();
      for (Map.Entry<String, Shape> input : graph.inputs().entrySet()) {
        int size = n * input.getValue().size();
        FloatBuffer in =
            direct(size).put(0, Objects.requireNonNull(given.get(input.getKey())), i * size, size);
        inputs.put(input.getKey(), tensor(in, n, input.getValue().dims()));
      }
      int size = n * graph.outputShape().size();
      Object output = tensor(out.slice(i * size, size), n, graph.outputShape().dims());
      runs[i] = run(session, inputs, Map.of(graph.outputs().getFirst(), output));
      opened.addAll(inputs.values());
      opened.add(output);
    }
    return new Request() {
      @Override
      public void run() {
        for (MethodHandle run : runs) {
          try (AutoCloseable _ = (AutoCloseable) run.invokeExact()) {
            // the outputs lie in the buffer
          } catch (Throwable e) {
            throw failure(e);
          }
        }
      }

      @Override
      public float[] outputs() {
        float[] y = new float[out.capacity()];
        out.get(0, y);
        return y;
      }

      @Override
      public void close() {
        opened.forEach(o -> call(o, "close"));
      }
    };
  }

  private Object session(Object options) {
    try {
      return call(environment, "createSession", model, options);
    } catch (IllegalStateException e) {
      throw model instanceof String file ? new InputException(file + ": " + e.getMessage(), e) : e;
    }
  }

  private static FloatBuffer direct(int floats) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(floats, Float.BYTES))
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  private Object tensor(FloatBuffer buffer, int batch, int[] shape) {
    LongStream extents = Arrays.stream(shape).asLongStream();
    long[] dims = (batched ? LongStream.concat(LongStream.of(batch), extents) : extents).toArray();
    return callStatic("OnnxTensor", "createTensor", environment, buffer, dims);
  }

  /** Returns {@code session.run(inputs, outputs)} as a handle without arguments. */
  private static MethodHandle run(
      Object session, Map<String, Object> inputs, Map<String, Object> outputs) {
    try {
      MethodType type = MethodType.methodType(type(SESSION + "$Result"), Map.class, Map.class);
      MethodHandle run = MethodHandles.publicLookup().findVirtual(type(SESSION), "run", type);
      return MethodHandles.insertArguments(run.bindTo(session), 0, inputs, outputs)
          .asType(MethodType.methodType(AutoCloseable.class));
    } catch (ReflectiveOperationException e) {
      throw otherVersion(e);
    }
  }

  private static Class<?> type(String name) {
    try {
      return Class.forName(PACKAGE + name);
    } catch (ClassNotFoundException e) {
      throw new InputException(
          "ONNX Runtime is not on the class path: java -cp espalier.jar:onnxruntime-1.29.0.jar"
              + " org.espalier.boot.Launcher bench … puts it there"
              + " (Maven Central: com.microsoft.onnxruntime:onnxruntime:1.29.0)",
          e);
    }
  }

  private static Object options() {
    try {
      return type(OPTIONS).getConstructor().newInstance();
    } catch (InvocationTargetException e) {
      throw failure(e.getCause());
    } catch (ReflectiveOperationException e) {
      throw otherVersion(e);
    }
  }

  private static Object call(Object target, String name, Object... arguments) {
    return call(target.getClass(), target, name, arguments);
  }

  private static Object callStatic(String type, String name, Object... arguments) {
    return call(type(type), null, name, arguments);
  }

  private static Object call(
      Class<?> type, @Nullable Object target, String name, Object... arguments) {
    try {
      for (Method method : type.getMethods()) {
        if (method.getName().equals(name) && takes(method.getParameterTypes(), arguments)) {
          return method.invoke(target, arguments);
        }
      }
      throw new NoSuchMethodException(type.getName() + "." + name);
    } catch (InvocationTargetException e) {
      throw failure(e.getCause());
    } catch (ReflectiveOperationException e) {
      throw otherVersion(e);
    }
  }

  private static boolean takes(Class<?>[] types, Object[] arguments) {
    if (types.length != arguments.length) {
      return false;
    }
    for (int i = 0; i < types.length; i++) {
      if (!MethodType.methodType(types[i]).wrap().returnType().isInstance(arguments[i])) {
        return false;
      }
    }
    return true;
  }

  private static InputException otherVersion(ReflectiveOperationException e) {
    return new InputException(
        "the version of ONNX Runtime on the class path does not fit: " + e, e);
  }

  private static RuntimeException failure(@Nullable Throwable e) {
    return switch (e) {
      case LinkageError missing -> // its native library does not load
          new InputException("ONNX Runtime does not start here: " + missing.getMessage(), missing);
      case RuntimeException fault -> fault;
      case null, default -> new IllegalStateException("ONNX Runtime: " + e, e);
    };
  }
}
