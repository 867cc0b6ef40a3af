package org.espalier.doctor.selftest;

import java.util.SplittableRandom;
import org.espalier.kernel.contract.AdamStep;
import org.espalier.kernel.contract.OptimizerKernels;

/** Calls of {@link OptimizerKernels}. */
final class OptimizerCases {
  private OptimizerCases() {}

  static void draw(Cases<OptimizerKernels> c) {
    SplittableRandom random = c.random();
    int n = c.length();
    int wo = c.offset();
    int go = c.offset();
    int mo = c.offset();
    int vo = c.offset();
    int bo = random.nextInt(3);
    float[] w = c.values(wo + n);
    float[] g = c.values(go + n);
    float[] m = c.values(mo + n);
    float[] v = c.values(vo + n);
    long[] mask = random.nextInt(3) == 0 ? null : c.bits(bo + n / Long.SIZE + 1);
    float scale = random.nextFloat();
    float decay = random.nextBoolean() ? 0 : random.nextFloat();
    float momentum = random.nextBoolean() ? 0 : random.nextFloat();
    float shrink = random.nextBoolean() ? 1 : random.nextFloat();
    boolean nesterov = random.nextBoolean();
    AdamStep step = new AdamStep(random.nextDouble(), random.nextDouble(), 1e-8);
    step.set(random.nextInt(1, 1000), 0.1);
    c.add(
        "sgd",
        k -> k.sgd(n, w, wo, g, go, v, vo, mask, bo, scale, 0.1f, momentum, decay, nesterov));
    c.add("adam", k -> k.adam(n, w, wo, g, go, m, mo, v, vo, mask, bo, scale, decay, shrink, step));
    c.add("average", k -> k.average(n, w, wo, v, vo, momentum, 1 - momentum));
  }
}
