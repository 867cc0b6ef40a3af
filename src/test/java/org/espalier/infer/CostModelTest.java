package org.espalier.infer;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import org.espalier.kernel.Kernels;
import org.junit.jupiter.api.Test;

/** The model against times that were measured once, with kernels of this JVM's width. */
class CostModelTest {
  /** Where kernels are about equally fast a wrong choice costs little. */
  private static final double MOST = 1.15;

  /** Of all choices; beyond it lie those that a disturbed measurement would make. */
  private static final double ALMOST_ALL = 0.99;

  private static List<Measured> grid() throws IOException {
    String name = "kernel-grid-" + Kernels.choice().bits() + ".csv.gz";
    try (InputStream in =
        new GZIPInputStream(
            Objects.requireNonNull(CostModelTest.class.getResourceAsStream(name), name))) {
      return Measured.read(new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().toList());
    }
  }

  @Test
  void whatTheModelPrefersIsNearlyAsFastAsTheBest() throws IOException {
    List<Measured> grid = grid();
    List<Regret> choices = Regret.of(CostModel.HERE::nanos, grid);
    assertTrue(choices.size() > 100, "there are choices: " + choices.size());
    List<Regret> wrong = new ArrayList<>();
    for (Regret choice : choices) {
      if (choice.factor() > MOST) {
        wrong.add(choice);
      }
    }
    assertTrue(wrong.size() <= (1 - ALMOST_ALL) * choices.size(), wrong.toString());
    assertTrue(choices.getFirst().factor() < 2, "and never far off: " + choices.getFirst());
  }

  /** Always one format is wrong by far, whichever it is: the grid does tell models apart. */
  @Test
  void theGridWouldCatchAModelThatDoesNotLookAtTheLayer() throws IOException {
    for (WeightFormat always : new WeightFormat[] {WeightFormat.DENSE, WeightFormat.CSR}) {
      List<Regret> choices = Regret.of((_, kernel, _) -> kernel == always ? 0 : 1, grid());
      assertTrue(choices.stream().filter(c -> c.factor() > MOST).count() > 0.1 * choices.size());
    }
  }

  @Test
  void estimatesAreOfTheSizeOfWhatWasMeasured() throws IOException {
    List<Measured> grid = grid();
    long near =
        grid.stream()
            .mapToDouble(m -> CostModel.HERE.nanos(m.workload(), m.kernel(), m.batch()) / m.nanos())
            .filter(ratio -> ratio > 0.7 && ratio < 1.4)
            .count();
    assertTrue(near > 0.95 * grid.size(), near + " of " + grid.size());
    assertFalse(grid.isEmpty());
  }
}
