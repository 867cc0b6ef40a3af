package org.espalier.doctor.selftest;

import java.util.List;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.ConvKernels;
import org.espalier.kernel.contract.GemmKernels;
import org.espalier.kernel.contract.LayoutKernels;
import org.espalier.kernel.contract.LossKernels;
import org.espalier.kernel.contract.NormKernels;
import org.espalier.kernel.contract.OptimizerKernels;
import org.espalier.kernel.contract.PointwiseKernels;
import org.espalier.kernel.contract.PoolKernels;
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
import org.espalier.kernel.scalar.ScalarRandom;
import org.espalier.kernel.scalar.ScalarSelect;
import org.espalier.kernel.scalar.ScalarSparse;
import org.espalier.kernel.scalar.ScalarVector;

/** The self-tests of all families of kernels. */
public final class SelfTests {
  private SelfTests() {}

  /** Returns the self-tests of the kernels that {@link Kernels} chose. */
  public static List<SelfTest<?>> all() {
    return List.of(
        vector(Kernels.vector()),
        pointwise(Kernels.pointwise()),
        gemm(Kernels.gemm()),
        conv(Kernels.conv()),
        loss(Kernels.loss()),
        optimizer(Kernels.optimizer()),
        select(Kernels.select()),
        random(Kernels.random()),
        sparse(Kernels.sparse()),
        norm(Kernels.norm()),
        pool(Kernels.pool()),
        layout(Kernels.layout()));
  }

  static SelfTest<VectorKernels> vector(VectorKernels kernels) {
    return new SelfTest<>("vector", new ScalarVector(), kernels, VectorCases::draw);
  }

  static SelfTest<PointwiseKernels> pointwise(PointwiseKernels kernels) {
    return new SelfTest<>("pointwise", new ScalarPointwise(), kernels, PointwiseCases::draw);
  }

  static SelfTest<GemmKernels> gemm(GemmKernels kernels) {
    return new SelfTest<>("gemm", new ScalarGemm(), kernels, GemmCases::draw);
  }

  static SelfTest<ConvKernels> conv(ConvKernels kernels) {
    return new SelfTest<>("conv", new ScalarConv(), kernels, ConvCases::draw);
  }

  static SelfTest<LossKernels> loss(LossKernels kernels) {
    return new SelfTest<>("loss", new ScalarLoss(), kernels, LossCases::draw);
  }

  static SelfTest<OptimizerKernels> optimizer(OptimizerKernels kernels) {
    return new SelfTest<>("optimizer", new ScalarOptimizer(), kernels, OptimizerCases::draw);
  }

  static SelfTest<SelectKernels> select(SelectKernels kernels) {
    return new SelfTest<>("select", new ScalarSelect(), kernels, SelectCases::draw);
  }

  static SelfTest<RandomKernels> random(RandomKernels kernels) {
    return new SelfTest<>("random", new ScalarRandom(), kernels, RandomCases::draw);
  }

  static SelfTest<SparseKernels> sparse(SparseKernels kernels) {
    return new SelfTest<>("sparse", new ScalarSparse(), kernels, SparseCases::draw);
  }

  static SelfTest<NormKernels> norm(NormKernels kernels) {
    return new SelfTest<>("norm", new ScalarNorm(), kernels, NormCases::draw);
  }

  static SelfTest<PoolKernels> pool(PoolKernels kernels) {
    return new SelfTest<>("pool", new ScalarPool(), kernels, PoolCases::draw);
  }

  static SelfTest<LayoutKernels> layout(LayoutKernels kernels) {
    return new SelfTest<>("layout", new ScalarLayout(), kernels, LayoutCases::draw);
  }
}
