package org.espalier.infer;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.ConcurrentModificationException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicReference;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.Clamp;
import org.espalier.kernel.contract.SparseKernels;
import org.espalier.kernel.gemm.Gemm;
import org.espalier.parallel.ThreadPool;
import org.espalier.reference.ReferenceKernel;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * Runs a {@link Plan}: holds the activations, all of them allocated here, so that once the largest
 * batch has run, running allocates nothing. Serves one caller at a time; each thread takes a
 * session of its own.
 */
public final class Session {
  /** Batches of more are never computed an example at a time. */
  private static final int MOST_SINGLES = 16;

  /**
   * Floats of 4 KB. What lies so far apart shares a set of a near cache, so that to write a vector
   * of examples at such a distance from each other takes three times as long as to put them
   * elsewhere first.
   */
  private static final int PAGE = 1024;

  private final SparseKernels kernels = Kernels.sparse();

  /** For each input the elements of an example. */
  private final int[] inputs;

  /** For each output the elements of an example. */
  private final int[] outputs;

  private final List<String> inputNames;
  private final List<String> outputNames;
  private final int step;

  /** Batches up to this one are computed an example at a time; none with feature maps. */
  private final int singles;

  /** What is computed, phase by phase. */
  private final List<Work> phases = new ArrayList<>();

  private final Schedule schedule;
  private final RunListener listener;

  /** For single examples, in the order of the stages that are products. */
  private final List<LinearKernel.Single> ones;

  /** The same for batches. */
  private final List<LinearKernel> manys;

  /** For each place, the vectors that lie there with an example a row. */
  private final Tensor[] rows;

  /** The same with an example a column. */
  private final Tensor[] columns;

  /** How many products the phases have that have been made. */
  private int products;

  /** For each place, in which of the two ways they do. */
  private final boolean[] inColumns;

  /** The thread that computes, if there is one. */
  private final AtomicReference<@Nullable Thread> owner = new AtomicReference<>();

  // What the caller gave: for each input the examples, where they begin, how far apart they are.
  private final float[][] given;
  private final int[] offsets;
  private final int[] lds;

  /**
   * Makes a session.
   *
   * @param listener hears of each stage, if there is one thread only
   */
  Session(Plan plan, ThreadPool workers, RunListener listener) {
    this.listener = listener;
    inputs = plan.inputs().values().stream().mapToInt(Shape::size).toArray();
    outputs = plan.outputs().values().stream().mapToInt(Shape::size).toArray();
    inputNames = List.copyOf(plan.inputs().keySet());
    outputNames = List.copyOf(plan.outputs().keySet());
    schedule = plan.schedule();
    step = Math.min(plan.maxBatch(), PlanOptions.BATCH);
    given = new float[inputs.length][];
    offsets = new int[inputs.length];
    lds = new int[inputs.length];
    Gemm gemm = new Gemm(workers, Gemm.Form.NT, Gemm.Epilogue.BIAS);
    Gemm gemmRelu = new Gemm(workers, Gemm.Form.NT, Gemm.Epilogue.BIAS_RELU);
    ones = new ArrayList<>();
    manys = new ArrayList<>();
    for (LinearStep layer : schedule.layers()) {
      boolean relu = layer.summary().relu();
      Gemm dense = relu ? gemmRelu : gemm;
      ones.add(
          LinearKernel.single(layer.one(), layer.bias(), Clamp.rectifier(relu), dense, workers));
      manys.add(
          layer.many().equals(layer.one())
              ? ones.getLast()
              : LinearKernel.of(layer.many(), layer.bias(), Clamp.rectifier(relu), dense, workers));
    }
    singles = schedule.hasMaps() ? 0 : singles(schedule.layers(), step);
    boolean allInColumns = manys.stream().allMatch(LinearKernel::inColumns);
    boolean anyInColumns = manys.stream().anyMatch(LinearKernel::inColumns);
    boolean needsRows =
        !allInColumns || manys.isEmpty() || schedule.hasMaps() || schedule.hasLoops();
    boolean paged = Arrays.stream(outputs).anyMatch(n -> n % PAGE == 0);
    int inRows = needsRows || paged ? step : 1;
    int examples = anyInColumns && step > 1 ? step : 0;
    int places = schedule.widths().size();
    rows = new Tensor[places];
    columns = new Tensor[places];
    for (int i = 0; i < places; i++) {
      int width = schedule.widths().get(i);
      rows[i] = Tensor.zeros(inRows, width % PAGE == 0 ? width + Long.SIZE : width);
      columns[i] = Tensor.zeros(width, examples);
    }
    inColumns = new boolean[places];
    int first = 0;
    for (Phase phase : schedule.phases()) {
      int before = first;
      phases.add(
          switch (phase) {
            case Phase.Maps maps ->
                new MapsWork(maps, new ConvSession(maps.plan(), step, workers, listener, before));
            case Phase.Rows stages -> new RowsWork(stages, before);
          });
      first += phase.count();
    }
  }

  /** A phase at work. */
  private interface Work {
    void run(int n);
  }

  private final class MapsWork implements Work {
    private final Phase.Maps phase;
    private final ConvSession maps;

    // For each source the examples, where they begin, how far apart they are.
    private final float[][] x;
    private final int[] xo;
    private final int[] ldx;

    /** For each output what receives it. */
    private final Tensor[] y;

    MapsWork(Phase.Maps phase, ConvSession maps) {
      this.phase = phase;
      this.maps = maps;
      x = new float[phase.sources().size()][];
      xo = new int[x.length];
      ldx = new int[x.length];
      y = phase.outputs().stream().map(place -> rows[place]).toArray(Tensor[]::new);
    }

    @Override
    public void run(int n) {
      for (int i = 0; i < x.length; i++) {
        switch (phase.sources().get(i)) {
          case Phase.Origin.Input(int number) -> {
            x[i] = given[number];
            xo[i] = offsets[number];
            ldx[i] = lds[number];
          }
          case Phase.Origin.Place(int place) -> {
            turn(n, schedule.widths().get(place), place, false);
            x[i] = rows[place].data();
            xo[i] = rows[place].offset();
            ldx[i] = rows[place].ld();
          }
        }
      }
      maps.run(n, x, xo, ldx, y);
      for (int i = 0; i < y.length; i++) {
        inColumns[phase.outputs().get(i)] = false;
      }
    }
  }

  private final class RowsWork implements Work {
    private final List<VectorStage> stages;
    private final List<LoopsWork> loops = new ArrayList<>();
    private final int firstProduct;
    private final int firstStage;

    RowsWork(Phase.Rows phase, int firstStage) {
      this.firstStage = firstStage;
      stages = phase.stages();
      firstProduct = products;
      for (VectorStage stage : stages) {
        switch (stage) {
          case VectorStage.Product _ -> products++;
          case VectorStage.Loops l -> loops.add(new LoopsWork(l));
          case VectorStage.Clamping _, VectorStage.Sum _ -> {}
        }
      }
    }

    @Override
    public void run(int n) {
      int product = firstProduct;
      int loop = 0;
      for (int i = 0; i < stages.size(); i++) {
        switch (stages.get(i)) {
          case VectorStage.Product p -> multiply(n, product++, p.x(), p.y());
          case VectorStage.Clamping c -> clamp(n, c);
          case VectorStage.Sum s -> add(n, s);
          case VectorStage.Loops _ -> loops.get(loop++).run(n);
        }
        listener.ends(firstStage + i);
      }
    }
  }

  /** An operator by plain loops, an example after the other. */
  private final class LoopsWork implements Work {
    private final VectorStage.Loops stage;
    private final ReferenceKernel kernel;
    private final float[][] x;
    private final int[] xo;

    LoopsWork(VectorStage.Loops stage) {
      this.stage = stage;
      List<Shape> shapes = stage.inputs().stream().map(VectorStage.Input::shape).toList();
      kernel =
          ReferenceKernel.of(
              stage.operator(),
              shapes,
              role -> Objects.requireNonNull(stage.parameters().get(role), role));
      x = new float[shapes.size()][];
      xo = new int[x.length];
    }

    @Override
    public void run(int n) {
      for (int i = 0; i < x.length; i++) {
        switch (stage.inputs().get(i)) {
          case VectorStage.Input.Place(Shape shape, int place) -> {
            turn(n, shape.size(), place, false);
            x[i] = rows[place].data();
          }
          case VectorStage.Input.Values(Shape _, float[] values) -> x[i] = values;
        }
      }
      Tensor y = rows[stage.y()];
      inColumns[stage.y()] = false;
      for (int example = 0; example < n; example++) {
        for (int i = 0; i < x.length; i++) {
          xo[i] =
              switch (stage.inputs().get(i)) {
                case VectorStage.Input.Place(Shape _, int place) -> rows[place].row(example);
                case VectorStage.Input.Values _ -> 0;
              };
        }
        kernel.compute(x, xo, y.data(), y.row(example));
      }
    }
  }

  /** Returns up to how many examples are expected to take less time one by one. */
  private static int singles(List<LinearStep> layers, int step) {
    for (int n = Math.min(step, MOST_SINGLES); n > 1; n--) {
      double oneByOne = 0;
      double together = 0;
      for (LinearStep layer : layers) {
        LayerSummary s = layer.summary();
        oneByOne += n * CostModel.HERE.nanos(layer.workload(), s.one(), 1);
        together += CostModel.HERE.nanos(layer.workload(), s.many(), n);
      }
      if (oneByOne <= together) {
        return n;
      }
    }
    return 1;
  }

  /**
   * Computes a batch.
   *
   * @param batch number of examples
   * @param x the examples, one behind the other, each in row-major order
   * @param y receives the outputs, one behind the other
   * @throws IllegalArgumentException if an array is too short
   * @throws ConcurrentModificationException if another thread is at it
   */
  public void run(int batch, float[] x, float[] y) {
    run(batch, x, 0, inputs[0], y, 0, outputs[0]);
  }

  /**
   * Computes a batch of a network that has one input, and gives its first output.
   *
   * @param batch number of examples
   * @param xo index in {@code x} of the first example
   * @param ldx distance between the starts of consecutive examples
   * @param yo index in {@code y} of the first output
   * @param ldy distance between the starts of consecutive outputs
   * @throws IllegalArgumentException if an array is too short, examples overlap or the network has
   *     more inputs
   * @throws ConcurrentModificationException if another thread is at it; that one's results stand
   */
  public void run(int batch, float[] x, int xo, int ldx, float[] y, int yo, int ldy) {
    if (inputs.length > 1) {
      throw new IllegalArgumentException("the network has several inputs: " + inputNames);
    }
    check("x", batch, x.length, xo, ldx, inputs[0]);
    check("y", batch, y.length, yo, ldy, outputs[0]);
    begin();
    try {
      given[0] = x;
      lds[0] = ldx;
      for (int done = 0; done < batch; ) {
        int n = examples(batch - done);
        offsets[0] = xo + done * ldx;
        run(n);
        give(n, 0, y, yo + done * ldy, ldy);
        done += n;
      }
    } finally {
      end();
    }
  }

  /**
   * Computes a batch.
   *
   * @param batch number of examples
   * @param x by the name of each input the examples, one behind the other, each in row-major order
   * @param y by the names of those outputs that are wanted what receives them, one behind the other
   * @throws IllegalArgumentException if an input is missing, a name is none, or an array is too
   *     short
   * @throws ConcurrentModificationException if another thread is at it; that one's results stand
   */
  public void run(int batch, Map<String, float[]> x, Map<String, float[]> y) {
    checkNames("inputs", x, inputNames);
    if (x.size() < inputs.length) {
      throw new IllegalArgumentException("inputs " + x.keySet() + " of " + inputNames);
    }
    checkNames("outputs", y, outputNames);
    for (int i = 0; i < inputs.length; i++) {
      check(inputNames.get(i), batch, array(x, inputNames.get(i)).length, 0, inputs[i], inputs[i]);
    }
    for (int i = 0; i < outputs.length; i++) {
      float[] wanted = y.get(outputNames.get(i));
      if (wanted != null) {
        check(outputNames.get(i), batch, wanted.length, 0, outputs[i], outputs[i]);
      }
    }
    begin();
    try {
      for (int done = 0; done < batch; ) {
        int n = examples(batch - done);
        for (int i = 0; i < inputs.length; i++) {
          given[i] = array(x, inputNames.get(i));
          lds[i] = inputs[i];
          offsets[i] = done * inputs[i];
        }
        run(n);
        for (int i = 0; i < outputs.length; i++) {
          float[] wanted = y.get(outputNames.get(i));
          if (wanted != null) {
            give(n, i, wanted, done * outputs[i], outputs[i]);
          }
        }
        done += n;
      }
    } finally {
      end();
    }
  }

  private static void checkNames(String what, Map<String, float[]> given, List<String> known) {
    int found = 0;
    for (int i = 0; i < known.size(); i++) { // an iterator would be allocated
      found += given.containsKey(known.get(i)) ? 1 : 0;
    }
    if (found < given.size()) {
      throw new IllegalArgumentException(what + " are " + known + ", not " + given.keySet());
    }
  }

  private static float[] array(Map<String, float[]> arrays, String name) {
    return Objects.requireNonNull(arrays.get(name), name);
  }

  private void begin() {
    Thread here = Thread.currentThread();
    Thread other = owner.compareAndExchange(null, here);
    if (other != null) {
      throw new ConcurrentModificationException(
          "a session serves one thread at a time: "
              + other.getName()
              + " is at it while "
              + here.getName()
              + " calls; each thread takes one of its own, see Plan.session()");
    }
  }

  private void end() {
    Arrays.fill(given, null);
    owner.setRelease(null);
  }

  /** Returns how many of the examples that are left are computed next. */
  private int examples(int left) {
    int n = Math.min(step, left);
    return n <= singles ? 1 : n;
  }

  private void run(int n) {
    Arrays.fill(inColumns, false);
    for (int i = 0; i < inputs.length; i++) {
      int place = schedule.inputs().get(i);
      if (place >= 0) {
        take(n, i, place);
      }
    }
    listener.begins();
    for (int i = 0; i < phases.size(); i++) {
      phases.get(i).run(n);
    }
  }

  private static void check(String name, int batch, int length, int offset, int ld, int size) {
    if (batch < 0 || offset < 0 || ld < size || offset + (batch - 1L) * ld + size > length) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s: %d examples of %d, %d apart, from %d don't lie in %d elements",
              name,
              batch,
              size,
              ld,
              offset,
              length));
    }
  }

  private void take(int n, int input, int place) {
    float[] x = given[input];
    int xo = offsets[input];
    int ldx = lds[input];
    int width = inputs[input];
    inColumns[place] = n > 1 && !manys.isEmpty() && manys.getFirst().inColumns();
    if (inColumns[place]) {
      Tensor to = columns[place];
      kernels.transpose(n, width, x, xo, ldx, to.data(), to.offset(), to.ld());
      clearBehind(n, width, to);
    } else {
      Tensor to = rows[place];
      for (int i = 0; i < n; i++) {
        System.arraycopy(x, xo + i * ldx, to.data(), to.row(i), width);
      }
    }
  }

  private void multiply(int n, int index, int x, int y) {
    if (n == 1) {
      ones.get(index).single(rows[x], rows[y]);
    } else {
      LinearKernel product = manys.get(index);
      turn(n, product.inputs(), x, product.inColumns());
      inColumns[y] = inColumns[x];
      product.batch(n, at(x), at(y));
    }
  }

  private void clamp(int n, VectorStage.Clamping r) {
    inColumns[r.y()] = inColumns[r.x()];
    Tensor x = at(r.x());
    Tensor y = at(r.y());
    int length = length(n, r.width(), r.x());
    for (int i = 0; i < lines(n, r.width(), r.x()); i++) {
      Kernels.vector().clamp(length, r.clamp(), x.data(), x.row(i), y.data(), y.row(i));
    }
  }

  private void add(int n, VectorStage.Sum s) {
    turn(n, s.width(), s.other(), inColumns[s.x()]);
    inColumns[s.y()] = inColumns[s.x()];
    Tensor x = at(s.x());
    Tensor other = at(s.other());
    Tensor y = at(s.y());
    int length = length(n, s.width(), s.x());
    for (int i = 0; i < lines(n, s.width(), s.x()); i++) {
      if (s.x() != s.y()) {
        System.arraycopy(x.data(), x.row(i), y.data(), y.row(i), length);
      }
      Kernels.vector().add(length, other.data(), other.row(i), y.data(), y.row(i));
    }
  }

  /** Returns the vectors at a place, as they lie. */
  private Tensor at(int place) {
    return inColumns[place] ? columns[place] : rows[place];
  }

  /** Returns how many lines the vectors at a place take. */
  private int lines(int n, int width, int place) {
    return inColumns[place] ? width : n;
  }

  /** Returns how long a line is: whole vectors of the processor where examples lie in columns. */
  private int length(int n, int width, int place) {
    return inColumns[place] ? Math.ceilDiv(n, kernels.lanes()) * kernels.lanes() : width;
  }

  /** Makes rows of columns or columns of rows, unless the vectors lie so already. */
  private void turn(int n, int features, int place, boolean toColumns) {
    if (inColumns[place] == toColumns) {
      return;
    }
    Tensor from = at(place);
    inColumns[place] = toColumns;
    Tensor to = at(place);
    kernels.transpose(
        toColumns ? n : features,
        toColumns ? features : n,
        from.data(),
        from.offset(),
        from.ld(),
        to.data(),
        to.offset(),
        to.ld());
    if (toColumns) {
      clearBehind(n, features, to);
    }
  }

  /**
   * Zeroes the columns that fill up a vector behind the last example. Left over from earlier
   * batches, they would go from layer to layer again and again, and might grow to infinity, which
   * sparse kernels must treat with care.
   */
  private void clearBehind(int n, int features, Tensor t) {
    int behind = Math.ceilDiv(n, kernels.lanes()) * kernels.lanes() - n;
    for (int r = 0; behind > 0 && r < features; r++) {
      Arrays.fill(t.data(), t.row(r) + n, t.row(r) + n + behind, 0f);
    }
  }

  private void give(int n, int output, float[] y, int yo, int ldy) {
    int place = schedule.outputs().get(output);
    int width = outputs[output];
    Tensor row = rows[place];
    if (!inColumns[place]) {
      giveRows(n, width, row, y, yo, ldy);
      return;
    }
    Tensor from = columns[place];
    if (ldy % PAGE == 0) {
      kernels.transpose(
          width, n, from.data(), from.offset(), from.ld(), row.data(), row.offset(), row.ld());
      giveRows(n, width, row, y, yo, ldy);
    } else {
      kernels.transpose(width, n, from.data(), from.offset(), from.ld(), y, yo, ldy);
    }
  }

  private static void giveRows(int n, int width, Tensor from, float[] y, int yo, int ldy) {
    for (int i = 0; i < n; i++) {
      System.arraycopy(from.data(), from.row(i), y, yo + i * ldy, width);
    }
  }
}
