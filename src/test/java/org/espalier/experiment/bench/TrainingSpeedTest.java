package org.espalier.experiment.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.espalier.InputException;
import org.espalier.data.Split;
import org.espalier.data.binary.FashionMnist;
import org.espalier.experiment.recipe.Recipe;
import org.espalier.experiment.recipe.RecipeReader;
import org.espalier.op.Stage;
import org.espalier.parallel.ThreadPool;
import org.junit.jupiter.api.Test;

class TrainingSpeedTest {
  private static final Map<String, String> SMALL =
      Map.of("network", "[40, 20]", "batch", "32", "epochs", "5");

  private static List<TrainingSpeed> measure(Recipe... recipes) {
    try (ThreadPool workers = new ThreadPool(2)) {
      Split data = FashionMnist.embedded();
      return TrainingSpeed.measure(List.of(recipes), data, 1, workers, 0.3);
    }
  }

  private static double multiplyAdds(TrainingSpeed speed, String where, Stage stage) {
    return speed.parts().stream()
        .filter(part -> part.where().equals(where) && part.stage() == stage)
        .mapToDouble(TrainingSpeed.Part::multiplyAdds)
        .sum();
  }

  @Test
  void everyStageOfEveryLayerIsTimedAndItsWorkCounted() {
    TrainingSpeed plain = measure(RecipeReader.read("plain", SMALL)).getFirst();
    assertTrue(plain.steps() > 3, plain.steps() + " steps");
    Set<String> stages =
        plain.parts().stream().map(p -> p.where() + " " + p.stage()).collect(Collectors.toSet());
    assertEquals(
        Set.of(
            " DATA",
            " LOSS",
            " OPTIMIZER",
            " AFTER_STEP",
            "fc1 PREPARE",
            "fc1 FORWARD",
            "fc1 OUTPUT_GRADIENT",
            "fc1 WEIGHT_GRADIENT",
            "fc2 PREPARE",
            "fc2 FORWARD",
            "fc2 OUTPUT_GRADIENT",
            "fc2 INPUT_GRADIENT",
            "fc2 WEIGHT_GRADIENT",
            "logits PREPARE",
            "logits FORWARD",
            "logits OUTPUT_GRADIENT",
            "logits INPUT_GRADIENT",
            "logits WEIGHT_GRADIENT"),
        stages);
    assertEquals(32 * 784 * 40, multiplyAdds(plain, "fc1", Stage.FORWARD));
    assertEquals(32 * 784 * 40, multiplyAdds(plain, "fc1", Stage.WEIGHT_GRADIENT));
    assertEquals(32 * 40 * 20, multiplyAdds(plain, "fc2", Stage.INPUT_GRADIENT));
    assertTrue(plain.parts().stream().allMatch(part -> part.millis() >= 0));
    double slowest = plain.parts().stream().mapToDouble(TrainingSpeed.Part::millis).max().orElse(9);
    assertTrue(slowest <= plain.stepMillis(), slowest + " of " + plain.stepMillis());
  }

  @Test
  void whatIsLeftOutIsNotCounted() {
    Recipe plain = RecipeReader.read("plain", SMALL);
    Recipe units =
        RecipeReader.read(
            "targeted-unit", Map.of("network", "[40, 20]", "batch", "32", "method.dropRate", "1"));
    List<TrainingSpeed> speeds = measure(plain, units);
    // Three quarters of the units are dropped, all of them at this rate.
    for (Stage stage : List.of(Stage.FORWARD, Stage.WEIGHT_GRADIENT)) {
      double want = multiplyAdds(speeds.getFirst(), "fc1", stage) / 4;
      assertEquals(want, multiplyAdds(speeds.getLast(), "fc1", stage));
    }
    assertEquals(
        multiplyAdds(speeds.getFirst(), "logits", Stage.FORWARD),
        multiplyAdds(speeds.getLast(), "logits", Stage.FORWARD));
  }

  @Test
  void aTrainingWithoutStepsIsRefused() {
    Recipe none = RecipeReader.read("plain", Map.of("epochs", "0"));
    var e = assertThrows(InputException.class, () -> measure(none));
    assertTrue(e.getMessage().contains("epochs"), e.getMessage());
  }
}
