package org.espalier.doctor;

import static org.espalier.kernel.KernelAssertions.assertAllocatesNothing;
import static org.espalier.kernel.KernelAssertions.assertSameBits;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.SplittableRandom;
import jdk.incubator.vector.FloatVector;
import org.espalier.doctor.selftest.RandomInputs;
import org.espalier.kernel.contract.ProbeKernels;
import org.espalier.kernel.scalar.ScalarProbe;
import org.espalier.kernel.simd.Lanes;
import org.espalier.kernel.simd.SimdProbe;
import org.espalier.machine.Machine;
import org.junit.jupiter.api.Test;

class DoctorTest {
  @Test
  void measuresTheMachine() {
    assumeTrue(
        Lanes.BITS <= FloatVector.SPECIES_PREFERRED.vectorBitSize(),
        "this CPU has no vectors of " + Lanes.BITS + " bits");
    Machine machine = Machine.detect();
    Roofline speed = Roofline.measure(machine, 1);
    assertEquals(1, speed.threads());
    // Bounds that any machine of this century keeps and a mistake in a unit does not.
    assertTrue(speed.gigaflops() > 0.1 && speed.gigaflops() < 2000, speed.toString());
    for (Roofline.Read read : speed.reads()) {
      assertTrue(
          read.gigabytesPerSecond() > 0.1 && read.gigabytesPerSecond() < 5000, read.toString());
    }
  }

  @Test
  void probesDoWhatTheySay() {
    float[] x = RandomInputs.values(new SplittableRandom(3), 300);
    for (int n = 0; n < 300; n++) {
      int bits = 0;
      for (int i = 0; i < n; i++) {
        bits |= Float.floatToRawIntBits(x[i]);
      }
      assertEquals(bits, new ScalarProbe().read(n, x, 0));
      assertEquals(bits, new SimdProbe().read(n, x, 0));
    }
    for (int rounds = 0; rounds < 30; rounds++) {
      float sum = 0;
      for (int c = 0; c < ProbeKernels.CHAINS; c++) {
        float s = 1 + c;
        for (int i = 0; i < rounds; i++) {
          s = Math.fma(s, 0.5f, 1);
        }
        sum = c == 0 ? s : sum + s;
      }
      int r = rounds;
      assertSameBits(sum, new ScalarProbe().multiplyAdd(rounds), () -> "rounds " + r);
      assertSameBits(sum, new SimdProbe().multiplyAdd(rounds), () -> "rounds " + r);
    }
  }

  @Test
  void probesAllocateNothing() {
    var probe = new SimdProbe();
    float[] x = new float[300];
    float[] sink = new float[1];
    assertAllocatesNothing(() -> sink[0] += probe.multiplyAdd(50) + probe.read(300, x, 0));
  }
}
