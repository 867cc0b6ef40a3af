package org.espalier.kernel.simd;

import static org.espalier.kernel.simd.Lanes.F32;
import static org.espalier.kernel.simd.Lanes.LENGTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.espalier.kernel.OptimizerKernels;
import org.espalier.kernel.scalar.ScalarOptimizer;
import org.jspecify.annotations.Nullable;

/**
 * {@link OptimizerKernels} on vectors; the last elements of a row are left to the specification.
 */
public final class SimdOptimizer implements OptimizerKernels {
  @Override
  public void sgd(
      int n,
      float[] w,
      int wo,
      float[] g,
      int go,
      float[] v,
      int vo,
      long @Nullable [] mask,
      int mo,
      float gradientScale,
      float learningRate,
      float momentum,
      float weightDecay,
      boolean nesterov) {
    FloatVector vm = FloatVector.broadcast(F32, momentum);
    FloatVector vd = FloatVector.broadcast(F32, weightDecay);
    FloatVector minusRate = FloatVector.broadcast(F32, -learningRate);
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      FloatVector gradient = FloatVector.fromArray(F32, g, go + i).mul(gradientScale);
      if (mask != null) { // the same in every round: the compiler makes two loops of it
        gradient = Bits.keep(gradient, Bits.from(mask, mo, i));
      }
      FloatVector vw = FloatVector.fromArray(F32, w, wo + i);
      FloatVector decayed = vw.fma(vd, gradient);
      FloatVector velocity = flush(vm.fma(FloatVector.fromArray(F32, v, vo + i), decayed));
      velocity.intoArray(v, vo + i);
      FloatVector direction = nesterov ? vm.fma(velocity, decayed) : velocity;
      flush(direction.fma(minusRate, vw)).intoArray(w, wo + i);
    }
    ScalarOptimizer.sgd(
        i,
        n,
        w,
        wo,
        g,
        go,
        v,
        vo,
        mask,
        mo,
        gradientScale,
        learningRate,
        momentum,
        weightDecay,
        nesterov);
  }

  private static FloatVector flush(FloatVector x) {
    return x.blend(0f, x.abs().compare(VectorOperators.LT, Float.MIN_NORMAL));
  }
}
