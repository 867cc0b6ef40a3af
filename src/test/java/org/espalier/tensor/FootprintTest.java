package org.espalier.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.espalier.InputException;
import org.junit.jupiter.api.Test;

class FootprintTest {
  @Test
  void whatFitsPassesAndWhatDoesNotIsSaid() {
    Footprint footprint =
        new Footprint("m")
            .add("weights", 3 << 20)
            .add("nothing to speak of", 9)
            .addFloats("maps", 1 << 20);
    assertEquals((7 << 20) + 9, footprint.bytes());
    footprint.require((7 << 20) + 9);
    assertEquals(
        "m: needs at least 7.0 MiB of memory (weights 3.0 MiB, maps 4.0 MiB); the JVM takes at most"
            + " 6.0 MiB (ESPALIER_JAVA_OPTS=-Xmx… sets another limit)",
        assertThrows(InputException.class, () -> footprint.require(6 << 20)).getMessage());
  }

  @Test
  void nothingOverflows() {
    assertEquals(Long.MAX_VALUE, Footprint.product(1L << 40, 1L << 40));
    assertEquals(0, Footprint.product(1L << 40, 1L << 40, 0));
    assertEquals(6, Footprint.product(1, 2, 3));
    Footprint all = new Footprint("m").addFloats("a", Long.MAX_VALUE).add("b", 9);
    assertEquals(Long.MAX_VALUE, all.bytes());
    assertThrows(InputException.class, () -> all.require(Long.MAX_VALUE - 1));
    assertEquals(Integer.MAX_VALUE - 8, Footprint.arrayLength("x", Integer.MAX_VALUE - 8L));
    assertEquals(
        "x: expected at most 2147483639 floats together, found 2147483640",
        assertThrows(InputException.class, () -> Footprint.arrayLength("x", Integer.MAX_VALUE - 7L))
            .getMessage());
  }

  /** Each of these would overflow an int somewhere on the way. */
  @Test
  void layoutsThatNoArrayHoldsAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Nchw16n(1 << 16, 1 << 8, 1 << 8));
    assertThrows(InputException.class, () -> new Nchw16n(1, 1 << 14, 1 << 14).ld());
    assertThrows(InputException.class, () -> new Nchw16n(1 << 10, 1 << 8, 1 << 8).lengthOf(1000));
    assertThrows(InputException.class, () -> new PaddedNchw(1, 1, 1, 1 << 30, (1 << 30) + 1, 1));
    assertThrows(
        InputException.class, () -> new PaddedNchw(1, 1 << 15, 1 << 15, 1, (1 << 15) + 1, 16));
    assertThrows(
        InputException.class, () -> Tensor.lengthOf(Shape.of(1 << 28, 1))); // rows padded to 16
    assertEquals(16L * (1 << 28) + 12, Tensor.floats(Shape.of(1 << 28, 1)));
    // and just what fits still does
    PaddedNchw maps = new PaddedNchw(3, 100, 90, 2, 95, 16);
    assertEquals(3L * maps.ld() + 12 + 16, maps.length());
  }
}
