package org.espalier.io.onnx;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.espalier.model.Column;
import org.espalier.model.Graph;
import org.espalier.model.Preprocessing;

/**
 * The first nodes of a network that takes values as they are before preprocessing: what makes of
 * them the input of the graph.
 */
final class InputStage {
  private final OnnxGraph onnx;
  private final Graph graph;

  InputStage(OnnxGraph onnx, Graph graph) {
    this.onnx = onnx;
    this.graph = graph;
  }

  /** Writes the nodes and says what the network takes. */
  void write(Preprocessing preprocessing) {
    switch (preprocessing) {
      case Preprocessing.Pixels pixels -> write(pixels);
      case Preprocessing.Columns table -> write(table);
      case Preprocessing.AsIs _ -> {} // the network takes them
    }
  }

  /** Of bytes: a multiplication and an addition, where ours is a fused one. */
  private void write(Preprocessing.Pixels pixels) {
    int n = pixels.channels().size();
    float[] scales = new float[n];
    float[] shifts = new float[n];
    for (int c = 0; c < n; c++) {
      scales[c] = pixels.channel(c).scale();
      shifts[c] = pixels.channel(c).shift();
    }
    // One number for each map; or one for all, whatever the shape.
    long[] dims = n == 1 ? new long[] {1} : new long[] {n, 1, 1};
    String raw = onnx.fresh("pixels");
    onnx.input(raw, OnnxType.UINT8);
    String real = onnx.fresh("pixels.real");
    onnx.node("Cast", real, List.of(raw), new Attribute.Whole("to", OnnxType.FLOAT.code()));
    String scaled = onnx.fresh("pixels.scaled");
    onnx.node("Mul", scaled, List.of(real, onnx.floats("pixels.scale", scales, dims)));
    onnx.node("Add", Graph.INPUT, List.of(scaled, onnx.floats("pixels.shift", shifts, dims)));
  }

  /**
   * Of numbers as doubles, less the offset and only then floats, a missing one as NaN; of
   * categories as 0 and 1.
   */
  private void write(Preprocessing.Columns table) {
    int n = graph.inputShape().size();
    double[] offsets = new double[n];
    float[] means = new float[n];
    float[] deviations = new float[n];
    Arrays.fill(deviations, 1);
    int i = 0;
    for (Column column : table.used()) {
      if (column instanceof Column.Numbers numbers) {
        offsets[i] = numbers.offset();
        means[i] = numbers.mean();
        deviations[i] = numbers.deviation();
      }
      i += column.inputs();
    }
    String raw = onnx.fresh("columns");
    onnx.input(raw, OnnxType.DOUBLE);
    String above = onnx.fresh("columns.above");
    onnx.node("Sub", above, List.of(raw, onnx.doubles("columns.offset", offsets)));
    String stored = onnx.fresh("columns.stored");
    onnx.node("Cast", stored, List.of(above), new Attribute.Whole("to", OnnxType.FLOAT.code()));
    String centred = onnx.fresh("columns.centred");
    onnx.node("Sub", centred, List.of(stored, onnx.floats("columns.mean", means, n)));
    String scaled = onnx.fresh("columns.scaled");
    onnx.node("Div", scaled, List.of(centred, onnx.floats("columns.deviation", deviations, n)));
    String missing = onnx.fresh("columns.missing");
    onnx.node("IsNaN", missing, List.of(stored));
    String zero = onnx.floats("columns.zero", new float[1], 1);
    onnx.node("Where", Graph.INPUT, List.of(missing, zero, scaled));
  }

  /** Returns what each input of the network is called. */
  static List<String> names(Preprocessing.Columns table) {
    List<String> names = new ArrayList<>();
    for (Column column : table.used()) {
      switch (column) {
        case Column.Categories categories ->
            categories.values().forEach(value -> names.add(column.name() + "=" + value));
        case Column.Numbers _, Column.Label _, Column.Ignored _ -> names.add(column.name());
      }
    }
    return names;
  }
}
