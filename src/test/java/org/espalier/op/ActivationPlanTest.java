package org.espalier.op;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.espalier.model.Graph;
import org.espalier.model.Step;
import org.espalier.model.Zoo;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;

class ActivationPlanTest {
  /** A tensor takes a line of 16 floats more at most, so that it can begin at one. */
  @Test
  void parametersTheirGradientsAndActivationsCount() {
    Graph graph = Zoo.mlp(Shape.of(64), 64, 64, 64, 64, 64, 64);
    long parameters = 6 * (64 * 64 + 64);
    long trained = Network.trainedFloats(graph);
    assertTrue(trained >= parameters && trained <= parameters + 12 * 16, "" + trained);
    assertEquals(
        Float.BYTES * (2 * trained + new ActivationPlan(Step.forTraining(graph), 10).floats()),
        Network.footprint(graph, 10).bytes());
  }

  @Test
  void gradientsLieWhereLaterOperationsHaveDoneTheirWork() {
    Graph graph = Zoo.mlp(Shape.of(64), 64, 64, 64, 64, 64, 64);
    List<Step> steps = Step.forTraining(graph);
    ActivationPlan plan = new ActivationPlan(steps, 10);
    plan.allocate();
    // Six values must be kept for the backward pass, and two gradients meet.
    assertEquals(8, plan.floats() / (10 * 64));
    Activation first = plan.output(steps.getFirst().name());
    Activation second = plan.output(steps.get(1).name());
    assertNotSame(first.value().data(), second.value().data());
    assertNotSame(first.requiredGradient().data(), second.requiredGradient().data());
    assertNotSame(first.requiredGradient().data(), first.value().data());
  }
}
