package org.espalier.op;

import org.espalier.Internal;

/** Is told, from the thread that trains, how training steps go on, so that it can take times. */
@Internal
public interface StageListener {
  /** A step begins. */
  void begin();

  /**
   * A stage ends, which began when the one before it ended. May be called several times for the
   * same: their times add up.
   *
   * @param where the node's name, or "" if the stage belongs to no operation
   * @param multiplyAdds how many of them the products of the stage took, not counting what was left
   *     out
   */
  void ended(String where, Stage stage, long multiplyAdds);

  /** A step has been done. */
  void end();
}
