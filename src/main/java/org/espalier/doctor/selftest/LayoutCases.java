package org.espalier.doctor.selftest;

import java.util.SplittableRandom;
import org.espalier.kernel.contract.LayoutKernels;
import org.espalier.tensor.Nchw16n;

/** Calls of {@link LayoutKernels}. */
final class LayoutCases {
  private static final int[] PIXELS = {1, 2, 3, 4, 5, 7, 8, 9, 15, 16, 17, 25, 31, 49, 64};

  private LayoutCases() {}

  static void draw(Cases<LayoutKernels> c) {
    SplittableRandom random = c.random();
    int images = random.nextInt(1, Nchw16n.LANES + 1);
    int channels = random.nextInt(1, 16);
    int pixels = PIXELS[random.nextInt(PIXELS.length)];
    int gap = random.nextInt(2);
    int ldr = channels * pixels + 3 * gap;
    int ldm = (pixels + gap) * Nchw16n.LANES;
    int ro = c.offset();
    int mo = c.offset();
    float[] rows = c.values(ro + images * ldr);
    float[] maps = c.values(mo + channels * ldm);
    c.add(
        "planesFromRows",
        k -> k.planesFromRows(images, channels, pixels, rows, ro, ldr, maps, mo, ldm));
    c.add(
        "rowsFromPlanes",
        k -> k.rowsFromPlanes(images, channels, pixels, maps, mo, ldm, rows, ro, ldr));
    int some = random.nextInt(4);
    int stride = random.nextInt(1, 4);
    int lanes = random.nextBoolean() ? 1 : Nchw16n.LANES;
    int ldx = lanes * stride * pixels + random.nextInt(5);
    int ldy = Math.max(1, lanes * pixels + random.nextInt(-9, 9)); // rows may overlap
    float[] x = c.values(ro + some * ldx);
    float[] y = c.values(mo + some * ldy + 9);
    int[] places = c.random().ints(c.length(), 0, Math.max(1, c.length())).toArray();
    float[] source = c.values(ro + c.length());
    float[] gathered = c.values(mo + c.length());
    c.add("gather", k -> k.gather(places.length, source, ro, places, gathered, mo));
    c.add("thin", k -> k.thin(some, pixels, stride, lanes, x, ro, ldx, y, mo, ldy));
  }
}
