package org.espalier.infer;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import org.espalier.kernel.Kernels;
import org.espalier.kernel.contract.ConvStrips;
import org.espalier.machine.CacheSizes;
import org.espalier.sparse.CacheBlockedMatrix;
import org.espalier.sparse.SellMatrix;
import org.espalier.tensor.Nchw16n;

/**
 * Estimates how long a kernel takes for a layer, on one thread, without running it: a sum of what
 * there is to do, each times what it costs. What there is to do follows from the layer alone, what
 * it costs was measured once, for every kernel and vector width, on one machine; what lies beyond a
 * cache counts by the sizes of this machine's. So the estimates of two kernels are comparable on
 * machines on which none was ever timed; the times themselves are only as good as the machines are
 * alike.
 *
 * <p>The costs are the resource {@code kernel-costs.tsv}, which {@code KernelGrid} among the
 * benchmarks writes; a line of it has a variant and the nanoseconds of each of its terms.
 */
final class CostModel {
  private static final String RESOURCE = "kernel-costs.tsv";

  /** Bytes of a stored value with its index and the padding around it. */
  private static final double SPARSE_BYTES = 6;

  /** How sharply the one bound of {@link #windows} goes over into the other. */
  private static final double WINDOWS_NORM = 3;

  /** Vectors of a strip for which an entry takes no longer than for one: each waits for its sum. */
  private static final double ENTRY_VECTORS = 4;

  /** Vectors that the kernels compute at once, of those that are left as many as they can. */
  private static final int[] BATCH_STRIPS = {4, 2, 1};

  private static final int[] CSR_STRIPS = {8, 4, 2, 1};

  /** Bytes of the nearest cache, about: they differ little from machine to machine. */
  private static final double FIRST_CACHE = 32 << 10;

  private static final int[] BLOCK_STRIPS =
      Kernels.sparse().bsrVectors() < 5 ? new int[] {2, 1} : new int[] {5, 4, 2, 1};

  /**
   * Pixels of sixteen images that a sparse convolution computes at once, see {@link ConvExecutor}.
   */
  private static final int COLUMNS = 8;

  /** The model for the kernels and the caches of this machine. */
  static final CostModel HERE = new CostModel(read(), CacheSizes.ofThisMachine());

  private final Map<String, double[]> costs;
  private final double secondCache;
  private final double thirdCache;

  /**
   * Makes a model.
   *
   * @param costs nanoseconds of each of the {@link #terms}, by {@link #variant}
   */
  CostModel(Map<String, double[]> costs, CacheSizes caches) {
    this.costs = Map.copyOf(costs);
    this.secondCache = caches.second();
    this.thirdCache = caches.third();
  }

  private static Map<String, double[]> read() {
    var stream = Objects.requireNonNull(CostModel.class.getResourceAsStream(RESOURCE), RESOURCE);
    try (var lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
      Map<String, double[]> costs = new HashMap<>();
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.startsWith("#")) {
          String[] fields = line.split("\t", -1);
          double[] terms = new double[fields.length - 1];
          for (int i = 0; i < terms.length; i++) {
            terms[i] = Double.parseDouble(fields[i + 1]);
          }
          costs.put(fields[0], terms);
        }
      }
      return costs;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns the nanoseconds that a kernel is expected to take for a batch. */
  double nanos(Workload layer, WeightFormat kernel, int batch) {
    Workload w = kernel == WeightFormat.BSR ? layer.inBlocks() : layer;
    String variant = variant(w, kernel, batch);
    double[] cost = costs.get(variant);
    if (cost == null) {
      throw new IllegalStateException("no costs of " + variant);
    }
    double[] terms = terms(w, kernel, batch);
    double nanos = 0;
    for (int i = 0; i < terms.length; i++) {
      nanos += cost[i] * terms[i];
    }
    return nanos;
  }

  /** Returns the name of what has costs of its own: kernel, layout and vector width. */
  static String variant(Workload w, WeightFormat kernel, int batch) {
    boolean one = batch == 1;
    String narrow = " " + w.precision();
    String precision =
        switch (kernel) {
          case AUTO, DENSE -> w.depthwise() ? " depthwise" : w.isConvolution() ? "" : narrow;
          case CSR -> w.isConvolution() ? narrow : "";
          case SELL, BLOCKED_CSR -> narrow;
          case BSR -> " of " + w.blockHeight();
        };
    String layout =
        switch (kernel) {
          case AUTO, DENSE, CSR, BSR -> "";
          case SELL -> " by " + sellForm(w).window();
          case BLOCKED_CSR -> " by " + CacheBlockedMatrix.width(w.density());
        };
    return String.format(
        Locale.ROOT,
        "%s %s%s%s %s %d",
        w.isConvolution() ? "convolution" : "linear",
        kernel,
        precision.toLowerCase(Locale.ROOT),
        layout,
        one ? "one" : "many",
        Kernels.choice().bits());
  }

  private static SellMatrix.Form sellForm(Workload w) {
    return Kernels.sparse().sellForm(w.cols(), w.density(), w.precision());
  }

  /** Returns what there is to do, as many numbers as the variant has costs. */
  double[] terms(Workload w, WeightFormat kernel, int batch) {
    return w.isConvolution()
        ? convolution(w, kernel, batch == 1 ? 1 : Nchw16n.LANES)
        : linear(w, kernel, batch);
  }

  private double[] linear(Workload w, WeightFormat kernel, int batch) {
    double rows = w.rows();
    double cols = w.cols();
    int lanes = Kernels.sparse().lanes();
    int vectors = Math.ceilDiv(batch, lanes);
    return switch (kernel) {
      case AUTO, DENSE -> {
        int width = Kernels.gemm().nr();
        double padded = Math.ceilDiv(w.rows(), width) * (double) width;
        int tile = Kernels.gemm().mr();
        double examples = batch == 1 ? 1 : Math.ceilDiv(batch, tile) * (double) tile;
        double bytes = padded * cols * w.precision().bytes();
        yield new double[] {
          1,
          rows * examples,
          padded * cols * examples,
          batch == 1 ? 0 : padded * cols,
          beyond(bytes, secondCache),
          beyond(bytes, thirdCache),
          beyond(bytes, thirdCache) * Math.max(0, examples / tile - 1)
        };
      }
      case CSR -> {
        double bytes = w.nonZeros() * SPARSE_BYTES;
        yield batch == 1
            ? new double[] {
              1,
              rows,
              cols,
              (double) w.nonZeros(),
              beyond(bytes, secondCache),
              beyond(bytes, thirdCache)
            }
            : csrBatch(w, vectors, bytes);
      }
      case SELL -> {
        double bytes = packedBytes(w);
        yield batch == 1
            ? new double[] {
              1,
              rows,
              cols,
              rows * cols,
              rows * windows(w),
              (double) w.nonZeros(),
              beyond(bytes, secondCache),
              beyond(bytes, thirdCache)
            }
            : batched(w, (double) w.nonZeros(), vectors, BATCH_STRIPS, bytes, 1);
      }
      case BLOCKED_CSR ->
          batched(w, (double) w.nonZeros(), vectors, BATCH_STRIPS, packedBytes(w), blocks(w));
      case BSR -> {
        double bytes = w.blockValues() * (double) Float.BYTES;
        yield batch == 1
            ? new double[] {
              1,
              rows,
              cols,
              (double) w.blockValues(),
              beyond(bytes, secondCache),
              beyond(bytes, thirdCache)
            }
            : batched(w, (double) w.blockValues(), vectors, BLOCK_STRIPS, bytes, 1);
      }
    };
  }

  private static double packedBytes(Workload w) {
    return w.nonZeros() * (w.precision().bytes() + SPARSE_BYTES - Float.BYTES);
  }

  /** Where the inputs of a strip don't fit into the nearest cache every entry takes longer. */
  private double[] csrBatch(Workload w, int vectors, double bytes) {
    double[] batched = batched(w, (double) w.nonZeros(), vectors, CSR_STRIPS, bytes, 1);
    double[] terms = Arrays.copyOf(batched, batched.length + CSR_STRIPS.length);
    double[] strips = strips(vectors, CSR_STRIPS);
    for (int i = 0; i < strips.length; i++) {
      double inputs = (double) w.cols() * CSR_STRIPS[i] * Kernels.sparse().lanes() * Float.BYTES;
      terms[batched.length + i] = w.nonZeros() * strips[i] * share(inputs, FIRST_CACHE);
    }
    return terms;
  }

  private static double blocks(Workload w) {
    return Math.ceilDiv(w.cols(), CacheBlockedMatrix.width(w.density()));
  }

  /**
   * A batch with an example a column.
   *
   * @param values weights that are stored, without padding
   * @param sizes of strips
   * @param bytes that the weights take
   * @param blocks how often the sums of a row are taken up again
   */
  private double[] batched(
      Workload w, double values, int vectors, int[] sizes, double bytes, double blocks) {
    double[] strips = strips(vectors, sizes);
    double all = Arrays.stream(strips).sum();
    double[] terms = new double[6 + 2 * sizes.length];
    terms[0] = 1;
    terms[1] = w.rows() * (double) vectors;
    terms[2] = w.cols() * (double) vectors;
    terms[3] = beyond(bytes, secondCache) * all;
    terms[4] = beyond(bytes, thirdCache) * all;
    double inputs = (double) w.cols() * vectors * Kernels.sparse().lanes() * Float.BYTES;
    terms[5] = values * vectors * share(inputs, secondCache);
    for (int i = 0; i < sizes.length; i++) {
      terms[6 + 2 * i] = values * strips[i];
      terms[7 + 2 * i] = w.rows() * blocks * strips[i];
    }
    return terms;
  }

  /**
   * Returns about how many windows of a {@link org.espalier.sparse.SellMatrix} a group of rows goes
   * through, random as their entries are. Where these are rare the next window begins at the next
   * column that any of the rows has; where they are many a window is left with its steps.
   */
  private static double windows(Workload w) {
    SellMatrix.Form form = sellForm(w);
    // rows of a block have their entries in the same columns
    double apart = (double) form.lanes() / Math.clamp(w.blockHeight(), 1, form.lanes());
    double any = 1 - Math.pow(1 - w.density(), apart);
    double sparse = w.cols() / (form.window() - 1 + 1 / Math.max(any, 1e-9));
    double dense = w.cols() * w.density() / form.steps();
    return Math.pow(
        Math.pow(sparse, WINDOWS_NORM) + Math.pow(dense, WINDOWS_NORM), 1 / WINDOWS_NORM);
  }

  private double[] convolution(Workload w, WeightFormat kernel, int images) {
    double rows = w.rows();
    double cols = w.cols();
    int lanes = Kernels.conv().lanes();
    boolean isCut = images > 1 && w.width() % COLUMNS == 0;
    int height = Math.max(1, Math.round((float) w.span() / w.pitch()));
    double runs = isCut ? (double) w.width() / COLUMNS * height : 1;
    int vectors = Math.ceilDiv(Math.multiplyExact(isCut ? COLUMNS : w.span(), images), lanes);
    double all = runs * vectors;
    double inputBytes = (double) w.inputFloats() * images * Float.BYTES;
    double values = kernel == WeightFormat.BSR ? w.blockValues() : w.nonZeros();
    return switch (kernel) {
      case AUTO, DENSE -> {
        if (w.depthwise()) {
          double whole = Math.ceilDiv(Math.multiplyExact(w.span(), images), lanes);
          yield new double[] {1, rows, rows * whole, rows * cols, rows * cols * whole};
        }
        int width = Kernels.conv().channels();
        double tiles = w.groups() * (double) Math.ceilDiv(w.rows() / w.groups(), width);
        double whole = Math.ceilDiv(Math.multiplyExact(w.span(), images), lanes);
        yield new double[] {
          1,
          rows * whole,
          tiles * whole,
          rows * cols * whole,
          tiles * cols * whole,
          beyond(rows * cols * Float.BYTES, secondCache) * (images > 1 ? whole : 1),
          tiles * cols * whole * share(inputBytes, secondCache)
        };
      }
      case CSR, SELL, BLOCKED_CSR, BSR -> {
        if (kernel != WeightFormat.BSR) {
          double strips = 0;
          double entry = 0;
          for (int left = vectors; left > 0; left -= ConvStrips.next(left)) {
            strips++;
            entry += Math.max(ENTRY_VECTORS, ConvStrips.next(left));
          }
          yield new double[] {
            1,
            rows * runs,
            rows * all,
            values * all * share(inputBytes, secondCache),
            values * all * share(inputBytes, thirdCache),
            values * runs * entry,
            values * all,
            values * runs * strips,
            rows * runs * strips
          };
        }
        double[] strips = strips(vectors, BLOCK_STRIPS);
        double[] terms = new double[5 + 2 * strips.length];
        terms[0] = 1;
        terms[1] = rows * runs;
        terms[2] = rows * all;
        terms[3] = values * all * share(inputBytes, secondCache);
        terms[4] = values * all * share(inputBytes, thirdCache);
        for (int i = 0; i < strips.length; i++) {
          terms[5 + 2 * i] = values * runs * strips[i];
          terms[6 + 2 * i] = rows * runs * strips[i];
        }
        yield terms;
      }
    };
  }

  /** Returns how many strips of each size vectors fall into. */
  private static double[] strips(int vectors, int[] sizes) {
    double[] strips = new double[sizes.length];
    int left = vectors;
    for (int i = 0; i < sizes.length; i++) {
      int whole = left / sizes[i];
      strips[i] = whole;
      left -= whole * sizes[i];
    }
    return strips;
  }

  /** Returns how much of what is read again and again lies beyond a cache. */
  private static double beyond(double bytes, double cache) {
    return bytes * share(bytes, cache);
  }

  /** Returns 0 for what fills half of a cache, 1 for what would fill two, and between between. */
  private static double share(double bytes, double cache) {
    return Math.clamp(0.5 + 0.5 * Math.log(Math.max(bytes, 1) / cache) / Math.log(2), 0, 1);
  }
}
