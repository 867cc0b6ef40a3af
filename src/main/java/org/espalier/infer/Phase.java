package org.espalier.infer;

import java.util.List;

/** What a plan computes in one go, all examples of a batch; immutable. */
sealed interface Phase {
  /** Returns how many stages it has. */
  default int count() {
    return switch (this) {
      case Maps maps -> maps.plan().layers().size() + 1; // rows are made of maps at last
      case Rows rows -> rows.stages().size();
    };
  }

  /**
   * Feature maps, image by image or sixteen at a time.
   *
   * @param plan what to compute
   * @param sources for each of its sources where the values are
   * @param outputs for each of its outputs the place that receives it
   */
  record Maps(ConvPlan plan, List<Origin> sources, List<Integer> outputs) implements Phase {
    /** Copies the lists. */
    public Maps {
      sources = List.copyOf(sources);
      outputs = List.copyOf(outputs);
    }
  }

  /** Values that lie one example behind the other, stage by stage. */
  record Rows(List<VectorStage> stages) implements Phase {
    /** Copies the list. */
    public Rows {
      stages = List.copyOf(stages);
    }
  }

  /** Where a source of feature maps finds its values. */
  sealed interface Origin {
    /** What the caller gave for an input of the network. */
    record Input(int number) implements Origin {}

    /** A place. */
    record Place(int place) implements Origin {}
  }
}
