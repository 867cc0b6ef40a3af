package org.espalier.io.onnx.translate;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.espalier.model.Elementwise;
import org.espalier.model.Movement;
import org.espalier.model.Operator;
import org.espalier.model.Window;
import org.espalier.tensor.Shape;

/**
 * What layers and poolings take over from their neighbours: zeros that were put around maps before
 * a window, and behind a layer without bias a sum with a value for each unit.
 */
final class Absorption {
  private final Draft draft;
  private final Map<Integer, Integer> uses;

  private Absorption(Draft draft) {
    this.draft = draft;
    this.uses = draft.uses();
  }

  /** Lets all of a draft take over what they can. */
  static void apply(Draft draft) {
    Absorption absorption = new Absorption(draft);
    for (int id : draft.order()) {
      absorption.padding(id);
      absorption.bias(id);
    }
  }

  private void padding(int id) {
    if (draft.operator(id) instanceof Operator.Conv2d conv) {
      beyond(id, conv.window())
          .map(
              w ->
                  new Operator.Conv2d(conv.inputs(), conv.outputs(), w, conv.groups(), conv.bias()))
          .ifPresent(instead -> withoutPadding(id, instead));
    } else if (draft.operator(id) instanceof Operator.AveragePool pool
        && (pool.countPadding() || !pool.window().isPadded())) {
      beyond(id, pool.window())
          .filter(w -> Math.max(w.top(), w.bottom()) < w.rows())
          .filter(w -> Math.max(w.left(), w.right()) < w.columns())
          .map(w -> new Operator.AveragePool(w, pool.ceil(), true))
          .ifPresent(instead -> withoutPadding(id, instead));
    }
  }

  private void withoutPadding(int id, Operator instead) {
    List<Integer> maps = List.of(draft.input(draft.input(id, 0), 0));
    draft.replace(id, instead, maps, draft.get(id).parameters());
  }

  /** Returns a window that reaches beyond the maps as far as zeros were put around them. */
  private Optional<Window> beyond(int id, Window w) {
    if (!(draft.operator(draft.input(id, 0)) instanceof Movement.Pad pad)
        || pad.padding() != Movement.Padding.CONSTANT
        || pad.value() != 0
        || pad.before().getFirst() + pad.after().getFirst() > 0) {
      return Optional.empty();
    }
    int top = w.top() + pad.before().get(1);
    int left = w.left() + pad.before().get(2);
    int bottom = w.bottom() + pad.after().get(1);
    int right = w.right() + pad.after().get(2);
    if (Math.max(Math.max(top, left), Math.max(bottom, right)) > Window.LARGEST) {
      return Optional.empty();
    }
    return Optional.of(
        new Window(
            w.height(),
            w.width(),
            w.strideY(),
            w.strideX(),
            top,
            left,
            bottom,
            right,
            w.dilationY(),
            w.dilationX()));
  }

  private void bias(int id) {
    for (int i = 0; draft.is(id, Elementwise.Arithmetic.ADD) && i < 2; i++) {
      int input = draft.input(id, i);
      if (draft.operator(input) instanceof Operator.Layer layer
          && !layer.bias()
          && uses.getOrDefault(input, 0) == 1
          && draft.shape(input).equals(draft.shape(id))) {
        units(layer, draft.input(id, 1 - i)).ifPresent(bias -> withBias(id, input, layer, bias));
      }
    }
  }

  private void withBias(int id, int from, Operator.Layer layer, Value.Reals bias) {
    Map<String, Value.Reals> parameters = new HashMap<>(draft.get(from).parameters());
    parameters.put(Operator.BIAS, bias);
    draft.replace(id, layer.withBias(), draft.inputs(from), parameters);
  }

  /** Returns the values of a constant that has one for each unit of a layer. */
  private Optional<Value.Reals> units(Operator.Layer layer, int other) {
    int[] dims = draft.shape(other).dims();
    int axis = dims.length - (layer instanceof Operator.Conv2d ? 3 : 1);
    if (!draft.isConstant(other)
        || axis < 0
        || dims[axis] != layer.outputs()
        || draft.shape(other).size() != layer.outputs()) {
      return Optional.empty();
    }
    Value.Reals known = draft.known(other);
    return Optional.of(new Value.Reals(Shape.of(layer.outputs()), known.values(), known.origin()));
  }
}
