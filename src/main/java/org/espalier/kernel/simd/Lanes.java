package org.espalier.kernel.simd;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** The vector width, chosen once: the machine's preferred one, or {@code espalier.simd.bits}. */
public final class Lanes {
  /** Bits of a vector. */
  public static final int BITS =
      Integer.getInteger("espalier.simd.bits", FloatVector.SPECIES_PREFERRED.vectorBitSize());

  public static final VectorSpecies<Float> F32 =
      VectorSpecies.of(float.class, VectorShape.forBitSize(BITS));

  public static final VectorSpecies<Integer> I32 =
      VectorSpecies.of(int.class, VectorShape.forBitSize(BITS));

  /** As many bytes as there are lanes, but eight where there are four: no vector is shorter. */
  static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, BITS / 4)));

  /** Lanes of 32 bits: 4, 8 or 16, each of which divides 16 and 64. */
  public static final int LENGTH = F32.length();

  /**
   * Whether there are 32 vector registers, by which tiles are chosen. Processors with vectors of
   * 512 bits have them; of the others some have 16.
   */
  public static final boolean HAS_32_REGISTERS = LENGTH == 16;

  private Lanes() {}
}
