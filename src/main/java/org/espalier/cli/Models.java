package org.espalier.cli;

import java.nio.file.Path;
import org.espalier.InputException;
import org.espalier.data.Dataset;
import org.espalier.model.Model;

/** What the commands that work on model files share. */
final class Models {
  private Models() {}

  /** Checks that a model takes the examples of a dataset and knows as many classes. */
  static void checkFits(Path file, Model model, Dataset data) {
    if (!model.graph().inputShape().equals(data.examples().shape())) {
      throw InputException.expected(
          data.name(),
          "examples of " + model.graph().inputShape() + ", which " + file + " takes",
          data.examples().shape());
    }
    if (model.classes().size() != data.classes().size()) {
      throw InputException.expected(
          data.name(),
          model.classes().size() + " classes, as " + file + " has",
          data.classes().size());
    }
  }
}
