package org.espalier.io.weights;

import java.util.Optional;
import org.espalier.model.Graph;

/** What others call the parameters of a network. */
public interface NameTable {
  /** Names that are the same there and here. */
  NameTable SAME = Optional::of;

  /**
   * Returns their name of a parameter, or nothing if they have no such parameter.
   *
   * @param parameter our name: that of the layer, a dot and the role
   */
  Optional<String> theirs(String parameter);

  /**
   * Checks that the table is one of a network.
   *
   * @throws org.espalier.InputException if it names what the network doesn't have
   */
  default void check(Graph network) {}
}
