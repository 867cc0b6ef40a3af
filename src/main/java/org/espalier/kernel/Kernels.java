package org.espalier.kernel;

import org.espalier.kernel.contract.ConvKernels;
import org.espalier.kernel.contract.GemmKernels;
import org.espalier.kernel.contract.LayoutKernels;
import org.espalier.kernel.contract.LossKernels;
import org.espalier.kernel.contract.NormKernels;
import org.espalier.kernel.contract.OptimizerKernels;
import org.espalier.kernel.contract.PointwiseKernels;
import org.espalier.kernel.contract.PoolKernels;
import org.espalier.kernel.contract.ProbeKernels;
import org.espalier.kernel.contract.RandomKernels;
import org.espalier.kernel.contract.SelectKernels;
import org.espalier.kernel.contract.SparseKernels;
import org.espalier.kernel.contract.VectorKernels;
import org.espalier.kernel.scalar.ScalarConv;
import org.espalier.kernel.scalar.ScalarGemm;
import org.espalier.kernel.scalar.ScalarLayout;
import org.espalier.kernel.scalar.ScalarLoss;
import org.espalier.kernel.scalar.ScalarNorm;
import org.espalier.kernel.scalar.ScalarOptimizer;
import org.espalier.kernel.scalar.ScalarPointwise;
import org.espalier.kernel.scalar.ScalarPool;
import org.espalier.kernel.scalar.ScalarProbe;
import org.espalier.kernel.scalar.ScalarRandom;
import org.espalier.kernel.scalar.ScalarSelect;
import org.espalier.kernel.scalar.ScalarSparse;
import org.espalier.kernel.scalar.ScalarVector;
import org.espalier.kernel.simd.SimdLoss;
import org.espalier.kernel.simd.SimdOptimizer;
import org.espalier.kernel.simd.SimdPointwise;
import org.espalier.kernel.simd.SimdProbe;
import org.espalier.kernel.simd.SimdRandom;
import org.espalier.kernel.simd.SimdVector;
import org.espalier.kernel.simd.conv.SimdConv;
import org.espalier.kernel.simd.conv.SimdLayout;
import org.espalier.kernel.simd.conv.SimdNorm;
import org.espalier.kernel.simd.conv.SimdPool;
import org.espalier.kernel.simd.gemm.SimdGemm;
import org.espalier.kernel.simd.select.SimdSelect;
import org.espalier.kernel.simd.sparse.SimdSparse;

/**
 * Chooses the kernels, once: the Vector API ones where the JVM compiles them to vector
 * instructions, else the scalar specification, which gives the same bits, after a warning. The
 * system property {@code espalier.kernels} ({@code simd} or {@code scalar}) overrides the choice,
 * {@code espalier.simd.bits} (128, 256, 512) the width.
 */
public final class Kernels {
  private static final KernelChoice CHOICE = choose();

  /** Whether the Vector API's kernels are chosen; they are loaded only then. */
  private static final boolean SIMD = CHOICE.isSimd();

  private Kernels() {}

  private static KernelChoice choose() {
    KernelChoice choice = KernelChoice.detect();
    if (choice.isFallback()) {
      FallbackNotice.say(choice);
    }
    return choice;
  }

  /** Returns which kernels run, and why. */
  public static KernelChoice choice() {
    return CHOICE;
  }

  private static final GemmKernels GEMM = SIMD ? new SimdGemm() : new ScalarGemm();

  /** Returns the loops of matrix products; {@code Gemm} is what calls them. */
  public static GemmKernels gemm() {
    return GEMM;
  }

  private static final ConvKernels CONV = SIMD ? new SimdConv() : new ScalarConv();

  /** Returns the loops of convolutions; {@code Convolution} is what calls them. */
  public static ConvKernels conv() {
    return CONV;
  }

  private static final VectorKernels VECTOR = SIMD ? new SimdVector() : new ScalarVector();

  /** Returns the loops over rows of floats. */
  public static VectorKernels vector() {
    return VECTOR;
  }

  private static final PointwiseKernels POINTWISE =
      SIMD ? new SimdPointwise() : new ScalarPointwise();

  /** Returns the functions of single elements. */
  public static PointwiseKernels pointwise() {
    return POINTWISE;
  }

  private static final LossKernels LOSS = SIMD ? new SimdLoss() : new ScalarLoss();

  /** Returns the softmax with cross-entropy. */
  public static LossKernels loss() {
    return LOSS;
  }

  private static final SelectKernels SELECT = SIMD ? new SimdSelect() : new ScalarSelect();

  /** Returns the selection of the smallest magnitudes. */
  public static SelectKernels select() {
    return SELECT;
  }

  private static final RandomKernels RANDOM = SIMD ? new SimdRandom() : new ScalarRandom();

  /** Returns the random numbers. */
  public static RandomKernels random() {
    return RANDOM;
  }

  private static final OptimizerKernels OPTIMIZER =
      SIMD ? new SimdOptimizer() : new ScalarOptimizer();

  /** Returns the sweeps of the optimiser. */
  public static OptimizerKernels optimizer() {
    return OPTIMIZER;
  }

  private static final ProbeKernels PROBE = SIMD ? new SimdProbe() : new ScalarProbe();

  /** Returns the loops that measure the machine. */
  public static ProbeKernels probe() {
    return PROBE;
  }

  private static final SparseKernels SPARSE = SIMD ? new SimdSparse() : new ScalarSparse();

  /** Returns the products with sparse matrices. */
  public static SparseKernels sparse() {
    return SPARSE;
  }

  private static final NormKernels NORM = SIMD ? new SimdNorm() : new ScalarNorm();

  /** Returns the loops of batch normalisation. */
  public static NormKernels norm() {
    return NORM;
  }

  private static final PoolKernels POOL = SIMD ? new SimdPool() : new ScalarPool();

  /** Returns the loops of pooling. */
  public static PoolKernels pool() {
    return POOL;
  }

  private static final LayoutKernels LAYOUT = SIMD ? new SimdLayout() : new ScalarLayout();

  /** Returns the changes of layout between vectors and feature maps. */
  public static LayoutKernels layout() {
    return LAYOUT;
  }
}
