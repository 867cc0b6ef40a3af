package org.espalier.peers;

import java.util.ArrayList;
import java.util.List;

/** All contests, in the order of the table. */
final class Programme {
  private Programme() {}

  static List<Contest> contests() {
    List<Contest> all = new ArrayList<>();
    all.addAll(GemmContests.all());
    all.addAll(SelectContests.all());
    all.addAll(MaskContests.all());
    all.addAll(StepContests.all());
    all.addAll(UnitContests.all());
    all.addAll(ConvContests.all());
    all.addAll(ConvStepContests.all());
    all.addAll(ConvUnitContests.all());
    all.addAll(EpochContests.all());
    all.addAll(InferenceContests.all());
    return all;
  }
}
