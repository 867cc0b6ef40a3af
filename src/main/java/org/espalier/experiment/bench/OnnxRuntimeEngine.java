package org.espalier.experiment.bench;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.List;
import java.util.Map;
import org.espalier.InputException;
import org.espalier.io.onnx.OnnxFile;
import org.espalier.model.Graph;
import org.jspecify.annotations.Nullable;

/**
 * ONNX Runtime on the same network, if its jar is on the class path: the graph as {@link OnnxFile}
 * writes it, all graph optimisations on, as many threads within an operator as ours has and one
 * between operators. Its input lies in its own memory before a request begins and its output goes
 * where it belongs, so that nothing is copied for its sake.
 *
 * <p>Its classes are called by name. A service that the jar provides would need a class of ours
 * compiled against it, and so a second jar of ours beside the plain one: this way a user adds
 * theirs to the class path and that is all. Set-up is reflection; a request is one method handle,
 * some nanoseconds on top of a call of several microseconds.
 */
public final class OnnxRuntimeEngine implements Engine {
  private static final String PACKAGE = "ai.onnxruntime.";
  private static final String SESSION = "OrtSession";
  private static final String OPTIONS = "OrtSession$SessionOptions";
  private static final String OPTIMIZATION = "OrtSession$SessionOptions$OptLevel";

  private final OnnxFile.Form form;
  private final int threads;
  private final byte[] file;
  private final Graph graph;
  private final Object environment;

  /**
   * Writes a network for ONNX Runtime.
   *
   * @param threads threads of a request
   * @throws InputException if its jar is not on the class path, or not of this machine's kind
   */
  public OnnxRuntimeEngine(Graph graph, OnnxFile.Form form, int threads) {
    this.graph = graph;
    this.form = form;
    this.threads = threads;
    environment = callStatic("OrtEnvironment", "getEnvironment");
    file = OnnxFile.bytes(graph, form);
  }

  @Override
  public String name() {
    return form == OnnxFile.Form.FLOAT ? "onnxruntime" : "onnxruntime-int8";
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
    return graph.inputShape().size();
  }

  /**
   * Another order of the sums; for int8, of what 8 bits leave, only that it is the same network.
   */
  @Override
  public double tolerance() {
    return form == OnnxFile.Form.FLOAT ? 1e-3 : 0.5;
  }

  /** What the runtime takes lies outside of the JVM, which doesn't limit it. */
  @Override
  public void requireMemory(int requests) {}

  @Override
  public Request prepare(int batch, float[] x) {
    Object options = options();
    call(options, "setIntraOpNumThreads", threads);
    call(options, "setInterOpNumThreads", 1);
    call(options, "setOptimizationLevel", callStatic(OPTIMIZATION, "valueOf", "ALL_OPT"));
    Object session = call(environment, "createSession", file, options);
    FloatBuffer in = direct(batch * graph.inputShape().size()).put(0, x);
    FloatBuffer out = direct(batch * graph.outputShape().size());
    Object input = tensor(in, batch, graph.inputShape().dims());
    Object output = tensor(out, batch, graph.outputShape().dims());
    MethodHandle run =
        run(
            session,
            Map.of(graph.inputs().keySet().iterator().next(), input),
            Map.of(graph.outputs().getFirst(), output));
    List<Object> opened = List.of(session, options, input, output);
    return new Request() {
      @Override
      public void run() {
        try (AutoCloseable _ = (AutoCloseable) run.invokeExact()) {
          // the outputs lie in the buffer
        } catch (Throwable e) {
          throw failure(e);
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

  private static FloatBuffer direct(int floats) {
    return ByteBuffer.allocateDirect(Math.multiplyExact(floats, Float.BYTES))
        .order(ByteOrder.nativeOrder())
        .asFloatBuffer();
  }

  private Object tensor(FloatBuffer buffer, int batch, int[] shape) {
    long[] dims = new long[shape.length + 1];
    dims[0] = batch;
    for (int i = 0; i < shape.length; i++) {
      dims[i + 1] = shape[i];
    }
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
