package org.espalier.io.onnx.read;

import it.unimi.dsi.fastutil.ints.IntArrayList;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.espalier.InputException;

/**
 * Brings the nodes of a graph into an order in which each stands behind those it reads from; what
 * is in order stays as it is. The format asks for such an order, but not all programs keep to it.
 * Takes time in proportion to the graph.
 */
final class NodeOrder {
  private enum State {
    NEW,
    OPEN,
    DONE
  }

  private final String file;
  private final List<OnnxNode> nodes;
  private final Set<String> given = new HashSet<>();
  private final Map<String, Integer> writers = new HashMap<>();
  private final List<OnnxNode> sorted = new ArrayList<>();
  private final State[] states;

  NodeOrder(String file, Set<String> inputs, Set<String> initializers, List<OnnxNode> nodes) {
    this.file = file;
    this.nodes = nodes;
    this.states = new State[nodes.size()];
    given.addAll(inputs);
    given.addAll(initializers);
  }

  /**
   * Returns the nodes in order.
   *
   * @param outputs values that must be there in the end
   * @throws InputException if a value is read that nobody writes, is written twice, or depends on
   *     itself
   */
  List<OnnxNode> sort(Set<String> outputs) {
    for (int i = 0; i < nodes.size(); i++) {
      states[i] = State.NEW;
      for (String output : nodes.get(i).outputs()) {
        if (!output.isEmpty() && (given.contains(output) || writers.put(output, i) != null)) {
          throw InputException.expected(
              nodes.get(i).where(), "outputs of its own", output + ", which is there already");
        }
      }
    }
    for (int i = 0; i < nodes.size(); i++) {
      visit(i);
    }
    for (String output : outputs) {
      if (!given.contains(output) && !writers.containsKey(output)) {
        throw InputException.expected(file, "a value for output " + output, "none");
      }
    }
    return sorted;
  }

  /** Adds a node behind all that it needs, depth first, without recursion. */
  private void visit(int start) {
    IntArrayList path = new IntArrayList();
    IntArrayList next = new IntArrayList(); // for each node of the path, which input is looked at
    open(start, path, next);
    while (!path.isEmpty()) {
      OnnxNode node = nodes.get(path.topInt());
      int input = next.topInt();
      if (input == node.inputs().size()) {
        states[path.popInt()] = State.DONE;
        next.popInt();
        sorted.add(node);
      } else {
        next.set(next.size() - 1, input + 1);
        String name = node.inputs().get(input);
        if (!name.isEmpty() && !given.contains(name)) {
          open(writer(node, name), path, next);
        }
      }
    }
  }

  private int writer(OnnxNode reader, String name) {
    Integer writer = writers.get(name);
    if (writer == null) {
      throw InputException.expected(
          reader.where(), "inputs that are written somewhere", name + ", which is not");
    }
    if (states[writer] == State.OPEN) {
      throw InputException.expected(
          reader.where(), "inputs that don't depend on its outputs", name + ", which does");
    }
    return writer;
  }

  private void open(int node, IntArrayList path, IntArrayList next) {
    if (states[node] == State.NEW) {
      states[node] = State.OPEN;
      path.push(node);
      next.push(0);
    }
  }
}
