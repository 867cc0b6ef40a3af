package org.espalier.kernel.simd;

import static jdk.incubator.vector.VectorOperators.LT;
import static org.espalier.kernel.simd.Lanes.F32;
import static org.espalier.kernel.simd.Lanes.LENGTH;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import org.espalier.kernel.contract.AdamStep;
import org.espalier.kernel.contract.OptimizerKernels;
import org.espalier.kernel.scalar.ScalarOptimizer;
import org.jspecify.annotations.Nullable;

/**
 * {@link OptimizerKernels} on vectors; the last elements of a row are left to the specification.
 */
public final class SimdOptimizer implements OptimizerKernels {
  private static final ScalarOptimizer TAIL = new ScalarOptimizer();

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
    int i;
    if (mask == null) {
      i =
          nesterov
              ? ahead(n, w, wo, g, go, v, vo, gradientScale, learningRate, momentum, weightDecay)
              : plain(n, w, wo, g, go, v, vo, gradientScale, learningRate, momentum, weightDecay);
    } else {
      i =
          nesterov
              ? aheadMasked(
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
                  weightDecay)
              : plainMasked(
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
                  weightDecay);
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

  // Four loops that differ in a line, each straight: a vector that two branches set, or that a
  // method
  // returns, is boxed now and then, depending on what the compiler has met before.

  /** Momentum as it is; returns where the tail begins. */
  private static int plain(
      int n,
      float[] w,
      int wo,
      float[] g,
      int go,
      float[] v,
      int vo,
      float gradientScale,
      float learningRate,
      float momentum,
      float weightDecay) {
    FloatVector vm = FloatVector.broadcast(F32, momentum);
    FloatVector vd = FloatVector.broadcast(F32, weightDecay);
    FloatVector minusRate = FloatVector.broadcast(F32, -learningRate);
    int bound = F32.loopBound(n);
    for (int i = 0; i < bound; i += LENGTH) {
      FloatVector vw = FloatVector.fromArray(F32, w, wo + i);
      FloatVector gradient = FloatVector.fromArray(F32, g, go + i).mul(gradientScale);
      FloatVector decayed = vw.fma(vd, gradient);
      FloatVector velocity = vm.fma(FloatVector.fromArray(F32, v, vo + i), decayed);
      velocity = velocity.blend(0f, velocity.abs().compare(LT, Float.MIN_NORMAL));
      velocity.intoArray(v, vo + i);
      FloatVector moved = velocity.fma(minusRate, vw);
      moved.blend(0f, moved.abs().compare(LT, Float.MIN_NORMAL)).intoArray(w, wo + i);
    }
    return bound;
  }

  /** {@link #plain} with a mask. */
  private static int plainMasked(
      int n,
      float[] w,
      int wo,
      float[] g,
      int go,
      float[] v,
      int vo,
      long[] mask,
      int mo,
      float gradientScale,
      float learningRate,
      float momentum,
      float weightDecay) {
    FloatVector vm = FloatVector.broadcast(F32, momentum);
    FloatVector vd = FloatVector.broadcast(F32, weightDecay);
    FloatVector minusRate = FloatVector.broadcast(F32, -learningRate);
    int bound = F32.loopBound(n);
    for (int i = 0; i < bound; i += LENGTH) {
      FloatVector vw = FloatVector.fromArray(F32, w, wo + i);
      VectorMask<Float> kept = VectorMask.fromLong(F32, mask[mo + (i >>> 6)] >>> i);
      FloatVector gradient = FloatVector.fromArray(F32, g, go + i).mul(gradientScale);
      FloatVector decayed = vw.fma(vd, FloatVector.zero(F32).blend(gradient, kept));
      FloatVector velocity = vm.fma(FloatVector.fromArray(F32, v, vo + i), decayed);
      velocity = velocity.blend(0f, velocity.abs().compare(LT, Float.MIN_NORMAL));
      velocity.intoArray(v, vo + i);
      FloatVector moved = velocity.fma(minusRate, vw);
      moved.blend(0f, moved.abs().compare(LT, Float.MIN_NORMAL)).intoArray(w, wo + i);
    }
    return bound;
  }

  /** Nesterov: a step ahead of the momentum; returns where the tail begins. */
  private static int ahead(
      int n,
      float[] w,
      int wo,
      float[] g,
      int go,
      float[] v,
      int vo,
      float gradientScale,
      float learningRate,
      float momentum,
      float weightDecay) {
    FloatVector vm = FloatVector.broadcast(F32, momentum);
    FloatVector vd = FloatVector.broadcast(F32, weightDecay);
    FloatVector minusRate = FloatVector.broadcast(F32, -learningRate);
    int bound = F32.loopBound(n);
    for (int i = 0; i < bound; i += LENGTH) {
      FloatVector vw = FloatVector.fromArray(F32, w, wo + i);
      FloatVector gradient = FloatVector.fromArray(F32, g, go + i).mul(gradientScale);
      FloatVector decayed = vw.fma(vd, gradient);
      FloatVector velocity = vm.fma(FloatVector.fromArray(F32, v, vo + i), decayed);
      velocity = velocity.blend(0f, velocity.abs().compare(LT, Float.MIN_NORMAL));
      velocity.intoArray(v, vo + i);
      FloatVector moved = vm.fma(velocity, decayed).fma(minusRate, vw);
      moved.blend(0f, moved.abs().compare(LT, Float.MIN_NORMAL)).intoArray(w, wo + i);
    }
    return bound;
  }

  /** {@link #ahead} with a mask. */
  private static int aheadMasked(
      int n,
      float[] w,
      int wo,
      float[] g,
      int go,
      float[] v,
      int vo,
      long[] mask,
      int mo,
      float gradientScale,
      float learningRate,
      float momentum,
      float weightDecay) {
    FloatVector vm = FloatVector.broadcast(F32, momentum);
    FloatVector vd = FloatVector.broadcast(F32, weightDecay);
    FloatVector minusRate = FloatVector.broadcast(F32, -learningRate);
    int bound = F32.loopBound(n);
    for (int i = 0; i < bound; i += LENGTH) {
      FloatVector vw = FloatVector.fromArray(F32, w, wo + i);
      VectorMask<Float> kept = VectorMask.fromLong(F32, mask[mo + (i >>> 6)] >>> i);
      FloatVector gradient = FloatVector.fromArray(F32, g, go + i).mul(gradientScale);
      FloatVector decayed = vw.fma(vd, FloatVector.zero(F32).blend(gradient, kept));
      FloatVector velocity = vm.fma(FloatVector.fromArray(F32, v, vo + i), decayed);
      velocity = velocity.blend(0f, velocity.abs().compare(LT, Float.MIN_NORMAL));
      velocity.intoArray(v, vo + i);
      FloatVector moved = vm.fma(velocity, decayed).fma(minusRate, vw);
      moved.blend(0f, moved.abs().compare(LT, Float.MIN_NORMAL)).intoArray(w, wo + i);
    }
    return bound;
  }

  @Override
  public void adam(
      int n,
      float[] w,
      int wo,
      float[] g,
      int go,
      float[] m,
      int mo,
      float[] v,
      int vo,
      long @Nullable [] mask,
      int bo,
      float gradientScale,
      float weightDecay,
      float shrink,
      AdamStep factors) {
    int i =
        mask == null
            ? adam(n, w, wo, g, go, m, mo, v, vo, gradientScale, weightDecay, shrink, factors)
            : adamMasked(
                n,
                w,
                wo,
                g,
                go,
                m,
                mo,
                v,
                vo,
                mask,
                bo,
                gradientScale,
                weightDecay,
                shrink,
                factors);
    ScalarOptimizer.adam(
        i, n, w, wo, g, go, m, mo, v, vo, mask, bo, gradientScale, weightDecay, shrink, factors);
  }

  /** Every gradient counts; returns where the tail begins. */
  private static int adam(
      int n,
      float[] w,
      int wo,
      float[] g,
      int go,
      float[] m,
      int mo,
      float[] v,
      int vo,
      float gradientScale,
      float weightDecay,
      float shrink,
      AdamStep factors) {
    FloatVector vd = FloatVector.broadcast(F32, weightDecay);
    FloatVector beta1 = FloatVector.broadcast(F32, factors.beta1());
    FloatVector rootScale = FloatVector.broadcast(F32, factors.rootScale());
    FloatVector epsilon = FloatVector.broadcast(F32, factors.epsilon());
    FloatVector minusStep = FloatVector.broadcast(F32, -factors.stepSize());
    float entering1 = factors.entering1();
    float entering2 = factors.entering2();
    float beta2 = factors.beta2();
    int bound = F32.loopBound(n);
    for (int i = 0; i < bound; i += LENGTH) {
      FloatVector vw = FloatVector.fromArray(F32, w, wo + i);
      FloatVector gradient = FloatVector.fromArray(F32, g, go + i).mul(gradientScale);
      FloatVector d = vw.fma(vd, gradient);
      FloatVector first = beta1.fma(FloatVector.fromArray(F32, m, mo + i), d.mul(entering1));
      first = first.blend(0f, first.abs().compare(LT, Float.MIN_NORMAL));
      FloatVector decayed = FloatVector.fromArray(F32, v, vo + i).mul(beta2);
      FloatVector second = d.mul(entering2).fma(d, decayed);
      second = second.blend(0f, second.abs().compare(LT, Float.MIN_NORMAL));
      first.intoArray(m, mo + i);
      second.intoArray(v, vo + i);
      FloatVector direction = first.div(second.sqrt().fma(rootScale, epsilon));
      FloatVector moved = direction.fma(minusStep, vw.mul(shrink));
      moved.blend(0f, moved.abs().compare(LT, Float.MIN_NORMAL)).intoArray(w, wo + i);
    }
    return bound;
  }

  /** {@link #adam} with a mask. */
  private static int adamMasked(
      int n,
      float[] w,
      int wo,
      float[] g,
      int go,
      float[] m,
      int mo,
      float[] v,
      int vo,
      long[] mask,
      int bo,
      float gradientScale,
      float weightDecay,
      float shrink,
      AdamStep factors) {
    FloatVector vd = FloatVector.broadcast(F32, weightDecay);
    FloatVector beta1 = FloatVector.broadcast(F32, factors.beta1());
    FloatVector rootScale = FloatVector.broadcast(F32, factors.rootScale());
    FloatVector epsilon = FloatVector.broadcast(F32, factors.epsilon());
    FloatVector minusStep = FloatVector.broadcast(F32, -factors.stepSize());
    float entering1 = factors.entering1();
    float entering2 = factors.entering2();
    float beta2 = factors.beta2();
    int bound = F32.loopBound(n);
    for (int i = 0; i < bound; i += LENGTH) {
      FloatVector vw = FloatVector.fromArray(F32, w, wo + i);
      VectorMask<Float> kept = VectorMask.fromLong(F32, mask[bo + (i >>> 6)] >>> i);
      FloatVector gradient = FloatVector.fromArray(F32, g, go + i).mul(gradientScale);
      FloatVector d = vw.fma(vd, FloatVector.zero(F32).blend(gradient, kept));
      FloatVector first = beta1.fma(FloatVector.fromArray(F32, m, mo + i), d.mul(entering1));
      first = first.blend(0f, first.abs().compare(LT, Float.MIN_NORMAL));
      FloatVector decayed = FloatVector.fromArray(F32, v, vo + i).mul(beta2);
      FloatVector second = d.mul(entering2).fma(d, decayed);
      second = second.blend(0f, second.abs().compare(LT, Float.MIN_NORMAL));
      first.intoArray(m, mo + i);
      second.intoArray(v, vo + i);
      FloatVector direction = first.div(second.sqrt().fma(rootScale, epsilon));
      FloatVector moved = direction.fma(minusStep, vw.mul(shrink));
      moved.blend(0f, moved.abs().compare(LT, Float.MIN_NORMAL)).intoArray(w, wo + i);
    }
    return bound;
  }

  @Override
  public void average(int n, float[] w, int wo, float[] a, int ao, float decay, float entering) {
    FloatVector vd = FloatVector.broadcast(F32, decay);
    int i = 0;
    for (int bound = F32.loopBound(n); i < bound; i += LENGTH) {
      FloatVector vw = FloatVector.fromArray(F32, w, wo + i).mul(entering);
      FloatVector moved = FloatVector.fromArray(F32, a, ao + i).fma(vd, vw);
      moved.blend(0f, moved.abs().compare(LT, Float.MIN_NORMAL)).intoArray(a, ao + i);
    }
    TAIL.average(n - i, w, wo + i, a, ao + i, decay, entering);
  }
}
