package org.espalier.infer;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.espalier.tensor.Precision;

/** A line of the grid: what a kernel took for a layer and a batch. */
record Measured(int bits, Workload workload, WeightFormat kernel, int batch, double nanos) {
  static final String HEADER =
      "bits,precision,rows,cols,nonzeros,height,blockvalues,groups,depthwise,span,width,pitch,input,kernel,batch,nanos";

  String line() {
    Workload w = workload;
    return String.format(
        Locale.ROOT,
        "%d,%s,%d,%d,%d,%d,%d,%d,%b,%d,%d,%d,%d,%s,%d,%.0f",
        bits,
        w.precision(),
        w.rows(),
        w.cols(),
        w.nonZeros(),
        w.blockHeight(),
        w.blockValues(),
        w.groups(),
        w.depthwise(),
        w.span(),
        w.width(),
        w.pitch(),
        w.inputFloats(),
        kernel,
        batch,
        nanos);
  }

  static List<Measured> read(List<String> lines) {
    List<Measured> all = new ArrayList<>();
    for (String line : lines.subList(1, lines.size())) {
      String[] f = line.split(",");
      Workload w =
          new Workload(
              Integer.parseInt(f[2]),
              Integer.parseInt(f[3]),
              Long.parseLong(f[4]),
              Integer.parseInt(f[5]),
              Long.parseLong(f[6]),
              Precision.valueOf(f[1]),
              Integer.parseInt(f[7]),
              Boolean.parseBoolean(f[8]),
              Integer.parseInt(f[9]),
              Integer.parseInt(f[10]),
              Integer.parseInt(f[11]),
              Long.parseLong(f[12]));
      all.add(
          new Measured(
              Integer.parseInt(f[0]),
              w,
              WeightFormat.named(f[13]).orElseThrow(),
              Integer.parseInt(f[14]),
              Double.parseDouble(f[15])));
    }
    return all;
  }
}
