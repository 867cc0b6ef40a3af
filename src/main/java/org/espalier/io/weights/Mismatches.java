package org.espalier.io.weights;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.espalier.InputException;
import org.espalier.io.TensorFile;
import org.espalier.model.Node;
import org.espalier.model.Operator;
import org.espalier.tensor.Shape;

/** Where the tensors of a file and the parameters of a network don't fit, to be said at once. */
final class Mismatches {
  /** Letters that a list of names takes at most, so that there is room for every kind. */
  private static final int LONGEST = 280;

  private final List<String> missing = new ArrayList<>();
  private final List<String> misshapen = new ArrayList<>();
  private final List<String> untyped = new ArrayList<>();
  private final List<String> surplus = new ArrayList<>();

  /** Adds a parameter that isn't there. */
  void missing(String theirs, String ours) {
    missing.add(theirs.equals(ours) ? ours : theirs + " (" + ours + ")");
  }

  /** Adds tensors that nothing asks for. */
  void surplus(Collection<String> names) {
    names.stream().sorted().forEach(surplus::add);
  }

  /** Returns whether a tensor, perhaps a mask, fits a parameter; if not, adds it. */
  boolean check(TensorFile.Entry t, boolean mask, Node node, Operator.ParameterSpec spec) {
    if (!(mask || t.type().isFloat()) || !t.hasFloats()) {
      untyped.add(t.name() + " " + t.type());
      return false;
    }
    Shape wanted = wanted(node.operator(), spec);
    if (!fits(t.shape(), wanted, node.operator(), spec)) {
      misshapen.add(t.name() + " " + t.shape() + " instead of " + wanted);
      return false;
    }
    return true;
  }

  /** Returns the shape that PyTorch gives a parameter. */
  private static Shape wanted(Operator operator, Operator.ParameterSpec spec) {
    return operator instanceof Operator.Conv2d conv && spec.role().equals(Operator.WEIGHT)
        ? Shape.of(
            conv.outputs(),
            conv.inputs() / conv.groups(),
            conv.window().height(),
            conv.window().width())
        : spec.shape();
  }

  /** A fully connected layer may be a convolution there whose window is all of the maps. */
  private static boolean fits(
      Shape found, Shape wanted, Operator operator, Operator.ParameterSpec spec) {
    return found.equals(wanted)
        || (operator instanceof Operator.Linear
            && spec.role().equals(Operator.WEIGHT)
            && found.rank() == 4
            && found.rows() == wanted.rows()
            && found.cols() == wanted.cols());
  }

  /** Throws if anything was added. */
  void report(String file) {
    List<String> parts = new ArrayList<>();
    part(parts, "missing", missing);
    part(parts, "of another shape", misshapen);
    part(parts, "of no type of weights", untyped);
    part(parts, "surplus", surplus);
    if (!parts.isEmpty()) {
      throw InputException.expected(file, "the tensors of the network", String.join("; ", parts));
    }
  }

  private static void part(List<String> parts, String kind, List<String> names) {
    if (!names.isEmpty()) {
      parts.add(names.size() + " " + kind + ": " + some(names));
    }
  }

  /** Returns names one behind the other, as many as there is room for. */
  static String some(List<String> names) {
    StringBuilder text = new StringBuilder();
    int shown = 0;
    while (shown < names.size()
        && (shown == 0 || text.length() + names.get(shown).length() < LONGEST)) {
      text.append(shown == 0 ? "" : ", ").append(names.get(shown++));
    }
    if (shown < names.size()) {
      text.append(" and ").append(names.size() - shown).append(" more");
    }
    return names.isEmpty() ? "none" : text.toString();
  }
}
