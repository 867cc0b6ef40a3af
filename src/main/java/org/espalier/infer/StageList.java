package org.espalier.infer;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.espalier.model.Elementwise;
import org.espalier.model.Operator;

/** Lists what a {@link Schedule} computes, for people. */
final class StageList {
  private static final String LAYOUT = "layout";
  private static final String COPY = "copy";
  private static final String VECTORS = "vectors";
  private static final String PIXELS = "pixels";

  private final List<StageSummary> stages = new ArrayList<>();

  /** Of the layers that haven't been listed. */
  private final Iterator<LayerSummary> layers;

  private StageList(List<LayerSummary> layers) {
    this.layers = layers.iterator();
  }

  /**
   * Lists stages as a {@link RunListener} counts them.
   *
   * @param layers those with weights, in order
   */
  static List<StageSummary> of(Schedule schedule, List<LayerSummary> layers) {
    StageList list = new StageList(layers);
    for (Phase phase : schedule.phases()) {
      switch (phase) {
        case Phase.Maps maps -> {
          maps.plan().layers().forEach(list::add);
          list.add(String.join(", ", maps.plan().outputs()), LAYOUT, COPY);
        }
        case Phase.Rows rows -> rows.stages().forEach(list::add);
      }
    }
    return List.copyOf(list.stages);
  }

  private void add(String name, String operator, String kernel) {
    stages.add(StageSummary.of(name, operator, kernel));
  }

  private void add(ConvStep step) {
    switch (step) {
      case ConvStep.Source s -> add(s.name(), LAYOUT, COPY);
      case ConvStep.Repacking r -> add(r.inputs().getFirst(), LAYOUT, COPY);
      case ConvStep.Convolution c -> stages.add(StageSummary.of(layers.next(), name(c.operator())));
      case ConvStep.StridedDepthwise c ->
          stages.add(StageSummary.of(layers.next(), name(c.operator())));
      case ConvStep.Normalization n -> add(n.name(), "batch_norm", VECTORS);
      case ConvStep.Plain p -> add(p.name(), name(p.operator()), VECTORS);
      case ConvStep.Pointwise p -> add(p.name(), name(p.operator()), PIXELS);
      case ConvStep.Channels c -> add(c.name(), "channels", COPY);
    }
  }

  private void add(VectorStage stage) {
    switch (stage) {
      case VectorStage.Product _ -> stages.add(StageSummary.of(layers.next(), "linear"));
      case VectorStage.Loops l -> add(l.name(), name(l.operator()), StageSummary.PLAIN_LOOPS);
      case VectorStage.Clamping _ -> add("", "clamp", VECTORS);
      case VectorStage.Sum _ -> add("", "add", VECTORS);
    }
  }

  private static String name(Operator operator) {
    String name = operator.getClass().getSimpleName().replaceAll("([a-z])([A-Z])", "$1_$2");
    if (operator instanceof Elementwise.Activation activation) {
      name = activation.function().name();
    } else if (operator instanceof Elementwise.Binary binary) {
      name = binary.function().name();
    }
    return name.toLowerCase(Locale.ROOT);
  }
}
