package org.espalier.kernel.gemm;

import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.GemmKernels;
import org.espalier.parallel.ThreadPool;
import org.espalier.tensor.BitMask;
import org.espalier.tensor.Subset;
import org.espalier.tensor.Tensor;
import org.jspecify.annotations.Nullable;

/**
 * A matrix product at one place of a network: {@code C = op(A)·op(B)}, {@code C [m][n]}, the sums
 * over {@code k}. Every output is one fma chain over ascending k that starts at +0; a bias is added
 * last. So the result depends neither on threads nor on width, packing or batch size.
 *
 * <p>An object keeps its buffers: once the largest product has run, running allocates nothing. It
 * serves one caller at a time. {@code m}, {@code n} and {@code k} may be smaller than the tensors:
 * then the first rows and columns are used and the others of C are left as they are. C must not
 * share storage with another argument.
 */
public final class Gemm {
  /** Which operand is stored transposed. */
  public enum Form {
    /** {@code A [m][k]}, {@code B [k][n]}. */
    NN,
    /** {@code A [m][k]}, {@code B [n][k]}. */
    NT,
    /** {@code A [k][m]}, {@code B [k][n]}. */
    TN
  }

  /** What is done to the sums last. ReLU makes {@code x <= 0 ? +0 : x} of x; NaN stays NaN. */
  public enum Epilogue {
    /** Nothing. */
    NONE,
    /** A value for each column of C is added: batches of rows. */
    BIAS,
    /** {@link #BIAS}, then ReLU. */
    BIAS_RELU,
    /** A value for each row of C is added: batches of columns. */
    ROW_BIAS,
    /** {@link #ROW_BIAS}, then ReLU. */
    ROW_BIAS_RELU,
    /** Where a mask's bit is clear +0 is written: gradients of masked weights. */
    MASK
  }

  private final Form form;
  private final Epilogue epilogue;
  private final GemmKernels kernels;
  private final Output output;
  private final MacroKernel matrixProduct;
  private final GemvDriver vectorProduct;

  /** Makes a product that runs on the given threads. */
  public Gemm(ThreadPool workers, Form form, Epilogue epilogue) {
    this(workers, form, epilogue, Kernels.gemm());
  }

  /** The same, with kernels that need not be the chosen ones. */
  public Gemm(ThreadPool workers, Form form, Epilogue epilogue, GemmKernels kernels) {
    this.form = form;
    this.epilogue = epilogue;
    this.kernels = kernels;
    this.output = new Output(kernels, epilogue);
    this.matrixProduct = new MacroKernel(workers, kernels, output);
    this.vectorProduct = new GemvDriver(workers, kernels);
  }

  /**
   * Says whether the coming products go on with the sums that stand in C instead of starting at +0:
   * then a product over the first examples and one over the others give the bits of one over all.
   * For {@link Form#TN}, whose sums go over examples, without bias.
   *
   * @throws IllegalArgumentException if form or epilogue is another
   */
  public void resume(boolean on) {
    if (form != Form.TN || (epilogue != Epilogue.NONE && epilogue != Epilogue.MASK)) {
      throw new IllegalArgumentException(
          "a product of form " + form + " with epilogue " + epilogue + " can't be resumed");
    }
    matrixProduct.resume(on);
  }

  /** Computes {@code C = op(A)·op(B)} with the epilogue {@link Epilogue#NONE}. */
  public void run(int m, int n, int k, Tensor a, Tensor b, Tensor c) {
    run(m, n, k, a, b, null, c, null, null);
  }

  /**
   * Computes {@code C = epilogue(op(A)·op(B ⊙ maskB))}.
   *
   * @param maskB bits of the elements of {@code b} as it is stored, or null if all count; an
   *     element whose bit is clear counts as +0, NaN included
   * @param bias one row of n elements (m for the row epilogues); null for those without bias
   * @param maskC bits of the elements of {@code c}; null unless the epilogue is {@link
   *     Epilogue#MASK}
   * @throws IllegalArgumentException if an argument is too small, missing or not wanted
   */
  public void run(
      int m,
      int n,
      int k,
      Tensor a,
      Tensor b,
      @Nullable BitMask maskB,
      Tensor c,
      @Nullable Tensor bias,
      @Nullable BitMask maskC) {
    checkExtents(m, n, k);
    if (m == 0 || n == 0) {
      return;
    }
    check("a", a.rows(), a.cols(), form == Form.TN ? k : m, form == Form.TN ? m : k);
    check("b", b.rows(), b.cols(), form == Form.NT ? n : k, form == Form.NT ? k : n);
    if (maskB != null) {
      check("maskB", maskB.rows(), maskB.cols(), form == Form.NT ? n : k, form == Form.NT ? k : n);
    }
    checkOutput(m, n, c, bias, maskC);
    output.set(c, bias, maskC);
    if (form == Form.NT && m == 1 && maskB == null) {
      vectorProduct.matrix(n, k, b.data(), b.offset(), b.ld());
      vectorProduct.run(a.data(), a.offset(), 1, c.data(), c.offset(), 1);
      output.finish(0, 0, 1, n);
    } else if (form == Form.NN && n == 1 && maskB == null) {
      vectorProduct.matrix(m, k, a.data(), a.offset(), a.ld());
      vectorProduct.run(b.data(), b.offset(), b.ld(), c.data(), c.offset(), c.ld());
      output.finish(0, 0, m, 1);
    } else {
      multiply(m, n, k, a, b, maskB);
    }
    output.clear();
  }

  /**
   * Computes {@code C = op(A)·op(B)} with the listed rows of {@code b} only, as it is stored: the n
   * columns of C in the form {@link Form#NT}, the k steps of the sums in {@link Form#NN}. The same
   * bits as with all rows of which the others are +0, rows of C that are not computed aside, as
   * long as all values are finite and no sum is −0.
   *
   * @param rowsB as many as {@code n} or {@code k} says
   */
  public void run(int m, int n, int k, Tensor a, Tensor b, Subset rowsB, Tensor c) {
    checkExtents(m, n, k);
    checkLists(form != Form.TN);
    boolean nt = form == Form.NT;
    checkCount(nt ? n : k, rowsB);
    check("a", a.rows(), a.cols(), m, k);
    check("b", b.rows(), b.cols(), rowsB.size(), nt ? k : n);
    check("c", c.rows(), c.cols(), m, n);
    if (m == 0 || n == 0) {
      return;
    }
    output.set(c, null, null);
    // Whole rows are copied more cheaply than packed in lanes or, where they run along k, in those.
    Operand left = nt ? matrixProduct.lanes() : matrixProduct.rows();
    Operand right = nt ? matrixProduct.rows() : matrixProduct.lanes();
    left.rows(a, null, m);
    if (nt) {
      right.rows(b, null, n);
    } else {
      right.columns(b, null, n);
    }
    right.listed(rowsB.indices());
    matrixProduct.run(nt ? n : m, nt ? m : n, k, nt);
    left.clear();
    right.clear();
    output.clear();
  }

  /**
   * Computes {@code op(A)·op(B)}, of form {@link Form#TN}, into the listed rows of {@code c}; the
   * others are left as they are.
   *
   * @param rowsC as many as {@code m} says
   */
  public void runInto(int m, int n, int k, Tensor a, Tensor b, Tensor c, Subset rowsC) {
    checkExtents(m, n, k);
    checkLists(form == Form.TN);
    checkCount(m, rowsC);
    check("a", a.rows(), a.cols(), k, m);
    check("b", b.rows(), b.cols(), k, n);
    check("c", c.rows(), c.cols(), rowsC.size(), n);
    if (m == 0 || n == 0) {
      return;
    }
    output.set(c, null, null);
    output.listed(rowsC.indices());
    matrixProduct.rows().columns(a, null, m);
    matrixProduct.lanes().columns(b, null, n);
    matrixProduct.run(m, n, k, false);
    matrixProduct.rows().clear();
    matrixProduct.lanes().clear();
    output.clear();
  }

  private void checkLists(boolean rightForm) {
    if (!rightForm || epilogue != Epilogue.NONE) {
      throw new IllegalArgumentException(
          "a product of form "
              + form
              + " with epilogue "
              + epilogue
              + " takes no list of rows here");
    }
  }

  private static void checkCount(int wanted, Subset rows) {
    if (rows.count() != wanted) {
      throw new IllegalArgumentException(rows.count() + " rows are listed, not " + wanted);
    }
  }

  private void multiply(int m, int n, int k, Tensor a, Tensor b, @Nullable BitMask maskB) {
    boolean transposed = lanesAreRows(m, n, k, maskB != null);
    Operand left = transposed ? matrixProduct.lanes() : matrixProduct.rows();
    Operand right = transposed ? matrixProduct.rows() : matrixProduct.lanes();
    if (form == Form.TN) {
      left.columns(a, null, m);
    } else {
      left.rows(a, null, m);
    }
    if (form == Form.NT) {
      right.rows(b, maskB, n);
    } else {
      right.columns(b, maskB, n);
    }
    matrixProduct.run(transposed ? n : m, transposed ? m : n, k, transposed);
    left.clear();
    right.clear();
  }

  /** Whether it is cheaper to lay the rows of C in the lanes of vectors than its columns. */
  private boolean lanesAreRows(int m, int n, int k, boolean maskedB) {
    boolean aAlongK = form != Form.TN;
    boolean bAlongK = form == Form.NT;
    double columns =
        tiles(m, n, k) + rowPacking(m, k, aAlongK, false) + lanePacking(n, k, bAlongK, maskedB);
    double rows =
        tiles(n, m, k)
            + rowPacking(n, k, bAlongK, maskedB)
            + lanePacking(m, k, aAlongK, false)
            + 2.0 * m * n; // storing transposed
    return rows < columns;
  }

  /** About how many cycles all tiles take, at one step of a vector in half a cycle. */
  private double tiles(int rows, int lanes, int k) {
    int mr = kernels.mr();
    int nr = kernels.nr();
    return (double) Math.ceilDiv(rows, mr) * mr * Math.ceilDiv(lanes, nr) * k;
  }

  /** About how many cycles it takes to transpose or copy the lanes' operand. */
  private static double lanePacking(int lanes, int k, boolean alongK, boolean masked) {
    return (alongK ? masked ? 1.4 : 0.7 : masked ? 0.5 : 0.2) * lanes * k;
  }

  /** About how many cycles it takes to copy the other one, which may be read as it is stored. */
  private static double rowPacking(int rows, int k, boolean alongK, boolean masked) {
    return (alongK ? masked ? 0.4 : 0 : masked ? 0.8 : 0.4) * rows * k;
  }

  /**
   * Computes {@code C = epilogue(A·B)} with a packed {@code A}, which has m rows and k columns; the
   * form must be {@link Form#NN}.
   *
   * @param bias as in the general form
   */
  public void run(int n, PackedMatrix a, Tensor b, Tensor c, @Nullable Tensor bias) {
    checkForm(Form.NN);
    int m = a.rows();
    int k = a.cols();
    checkExtents(m, n, k);
    check("b", b.rows(), b.cols(), k, n);
    checkOutput(m, n, c, bias, null);
    if (m == 0 || n == 0) {
      return;
    }
    output.set(c, bias, null);
    if (n == 1) {
      vectorProduct.matrix(a);
      vectorProduct.run(b.data(), b.offset(), b.ld(), c.data(), c.offset(), c.ld());
      output.finish(0, 0, m, 1);
    } else {
      matrixProduct.rows().columns(b, null, n);
      matrixProduct.runPacked(n, k, a, true);
      matrixProduct.rows().clear();
    }
    output.clear();
  }

  /**
   * Computes {@code C = epilogue(A·Bᵀ)} with a packed {@code B}, which has n rows and k columns;
   * the form must be {@link Form#NT}.
   *
   * @param bias as in the general form
   */
  public void run(int m, Tensor a, PackedMatrix b, Tensor c, @Nullable Tensor bias) {
    checkForm(Form.NT);
    int n = b.rows();
    int k = b.cols();
    checkExtents(m, n, k);
    check("a", a.rows(), a.cols(), m, k);
    checkOutput(m, n, c, bias, null);
    if (m == 0 || n == 0) {
      return;
    }
    output.set(c, bias, null);
    if (m == 1) {
      vectorProduct.matrix(b);
      vectorProduct.run(a.data(), a.offset(), 1, c.data(), c.offset(), 1);
      output.finish(0, 0, 1, n);
    } else {
      matrixProduct.rows().rows(a, null, m);
      matrixProduct.runPacked(m, k, b, false);
      matrixProduct.rows().clear();
    }
    output.clear();
  }

  private static void checkExtents(int m, int n, int k) {
    if (m < 0 || n < 0 || k < 0) {
      throw new IllegalArgumentException("negative extent: m " + m + ", n " + n + ", k " + k);
    }
  }

  private void checkForm(Form needed) {
    if (form != needed) {
      throw new IllegalArgumentException(
          "this packed operand needs a product of form " + needed + ", not " + form);
    }
  }

  private void checkOutput(int m, int n, Tensor c, @Nullable Tensor bias, @Nullable BitMask maskC) {
    check("c", c.rows(), c.cols(), m, n);
    int biases =
        switch (epilogue) {
          case NONE, MASK -> -1;
          case BIAS, BIAS_RELU -> n;
          case ROW_BIAS, ROW_BIAS_RELU -> m;
        };
    checkGiven("bias", bias != null, biases >= 0);
    checkGiven("maskC", maskC != null, epilogue == Epilogue.MASK);
    if (bias != null) {
      check("bias", bias.rows(), bias.cols(), 1, biases);
    }
    if (maskC != null) {
      check("maskC", maskC.rows(), maskC.cols(), m, n);
    }
  }

  private void checkGiven(String name, boolean given, boolean wanted) {
    if (given != wanted) {
      throw new IllegalArgumentException(
          "epilogue " + epilogue + (wanted ? " needs " : " takes no ") + name);
    }
  }

  private static void check(String name, int rows, int cols, int minRows, int minCols) {
    if (rows < minRows || (minRows > 0 && cols < minCols)) {
      throw new IllegalArgumentException(
          name + " is " + rows + "x" + cols + ", must be at least " + minRows + "x" + minCols);
    }
  }
}
