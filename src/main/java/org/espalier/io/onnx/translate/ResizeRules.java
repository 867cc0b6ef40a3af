package org.espalier.io.onnx.translate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.espalier.model.Resampling;
import org.espalier.tensor.Shape;
import org.jspecify.annotations.Nullable;

/** Maps of other extents. */
final class ResizeRules {
  static final Map<String, Rule> ALL = new HashMap<>();

  static {
    ALL.put("Resize", ResizeRules::resize);
    ALL.put("Upsample", ResizeRules::upsample);
  }

  private ResizeRules() {}

  private static void upsample(Site site) throws MixedBatch, Unsupported {
    float[] scales =
        site.opset() < 9
            ? site.node()
                .reals("scales")
                .orElseThrow(() -> new Unsupported("attribute scales is missing"))
            : site.reals(1).values();
    simple(site, scales);
  }

  /** The first versions: a pixel of the output stands for its place by the scale. */
  private static void simple(Site site, float... scales) throws MixedBatch, Unsupported {
    give(
        site,
        axes(site.input(0), null),
        scales,
        null,
        interpolation(site),
        Resampling.Coordinates.ASYMMETRIC,
        Resampling.Rounding.FLOOR);
  }

  private static void resize(Site site) throws MixedBatch, Unsupported {
    if (site.opset() < 11) {
      simple(site, site.reals(1).values());
      return;
    }
    if (site.node().integer("antialias", 0) != 0) {
      throw new Unsupported("antialias");
    }
    int scalesAt = 2;
    float @Nullable [] scales = null;
    long @Nullable [] sizes = null;
    if (site.has(scalesAt) && site.reals(scalesAt).values().length > 0) {
      scales = site.reals(scalesAt).values();
    }
    if (site.has(3) && site.wholes(3).length > 0) {
      sizes = site.wholes(3);
    }
    Optional<long[]> axes = site.node().integers("axes");
    String coordinates = site.node().text("coordinate_transformation_mode", "half_pixel");
    String nearest = site.node().text("nearest_mode", "round_prefer_floor");
    give(
        site,
        axes(site.input(0), axes.orElse(null)),
        scales,
        sizes,
        interpolation(site),
        switch (coordinates) {
          case "half_pixel" -> Resampling.Coordinates.HALF_PIXEL;
          case "half_pixel_symmetric" -> Resampling.Coordinates.HALF_PIXEL_SYMMETRIC;
          case "pytorch_half_pixel" -> Resampling.Coordinates.PYTORCH_HALF_PIXEL;
          case "align_corners" -> Resampling.Coordinates.ALIGN_CORNERS;
          case "asymmetric" -> Resampling.Coordinates.ASYMMETRIC;
          default -> throw new Unsupported("coordinate_transformation_mode " + coordinates);
        },
        switch (nearest) {
          case "round_prefer_floor" -> Resampling.Rounding.ROUND_PREFER_FLOOR;
          case "round_prefer_ceil" -> Resampling.Rounding.ROUND_PREFER_CEIL;
          case "floor" -> Resampling.Rounding.FLOOR;
          case "ceil" -> Resampling.Rounding.CEIL;
          default -> throw new Unsupported("nearest_mode " + nearest);
        });
  }

  private static Resampling.Interpolation interpolation(Site site) throws Unsupported {
    String mode = site.node().text("mode", "nearest");
    return switch (mode) {
      case "nearest" -> Resampling.Interpolation.NEAREST;
      case "linear", "bilinear" -> Resampling.Interpolation.LINEAR;
      case "cubic" -> Resampling.Interpolation.CUBIC;
      default -> throw new Unsupported("mode " + mode);
    };
  }

  private static int[] axes(Value x, long @Nullable [] axes) {
    int n = axes == null ? x.rank() : axes.length;
    int[] normal = new int[n];
    for (int i = 0; i < n; i++) {
      normal[i] = axes == null ? i : Site.normalAxis(x, axes[i]);
    }
    return normal;
  }

  private static void give(
      Site site,
      int[] axes,
      float @Nullable [] scales,
      long @Nullable [] sizes,
      Resampling.Interpolation interpolation,
      Resampling.Coordinates coordinates,
      Resampling.Rounding rounding)
      throws MixedBatch, Unsupported {
    Value x = site.input(0);
    int skipped = Site.isBatched(x) ? 1 : 0;
    int[] dims = new int[x.rank()];
    for (int i = 0; i < dims.length; i++) {
      dims[i] = i < skipped ? 1 : Site.shape(x).dim(i - skipped);
    }
    int[] outputs = dims.clone();
    float[] factors = new float[dims.length];
    Arrays.fill(factors, 1);
    if (scales != null && scales.length == axes.length) {
      for (int i = 0; i < axes.length; i++) {
        if (!(scales[i] > 0)) {
          throw new IllegalArgumentException("a scale of " + scales[i]);
        }
        factors[axes[i]] = scales[i];
        // In single precision, as shape inference does it: 10 by 0.7 gives 7.
        outputs[axes[i]] = Math.toIntExact((long) Math.floor(dims[axes[i]] * scales[i]));
      }
    } else if (sizes != null && sizes.length == axes.length) {
      sizes(site, axes, sizes, dims, outputs, factors, skipped);
    } else {
      throw new IllegalArgumentException("neither scales nor sizes for " + axes.length + " axes");
    }
    if (skipped > 0 && (outputs[0] != 1 || factors[0] != 1)) {
      throw new MixedBatch("resizes the axis of the batch");
    }
    List<Integer> extents = new ArrayList<>();
    List<Float> own = new ArrayList<>();
    for (int i = skipped; i < dims.length; i++) {
      extents.add(outputs[i]);
      own.add(factors[i]);
    }
    site.allowSize(Shape.of(extents.stream().mapToInt(i -> i).toArray()));
    site.give(
        site.emit(
            new Resampling.Resize(
                extents,
                own,
                interpolation,
                coordinates,
                rounding,
                site.node().real("cubic_coeff_a", -0.75f),
                site.node().integer("exclude_outside", 0) != 0),
            x));
  }

  private static void sizes(
      Site site, int[] axes, long[] sizes, int[] dims, int[] outputs, float[] factors, int skipped)
      throws MixedBatch, Unsupported {
    String policy = site.node().text("keep_aspect_ratio_policy", "stretch");
    double common = policy.equals("not_larger") ? Double.POSITIVE_INFINITY : 0;
    for (int i = 0; i < axes.length; i++) {
      if (axes[i] < skipped) {
        if (sizes[i] != Value.BATCH && sizes[i] != 1) {
          throw new MixedBatch("resizes the axis of the batch");
        }
      } else if (sizes[i] == Value.BATCH) {
        throw new MixedBatch("computes with the number of examples");
      } else if (sizes[i] < 1) {
        throw new IllegalArgumentException("a size of " + sizes[i]);
      }
      double scale = axes[i] < skipped ? 1 : (double) sizes[i] / dims[axes[i]];
      common = policy.equals("not_larger") ? Math.min(common, scale) : Math.max(common, scale);
    }
    for (int i = 0; i < axes.length; i++) {
      if (axes[i] < skipped) {
        if (!policy.equals("stretch") && common != 1) {
          throw new MixedBatch("resizes the axis of the batch");
        }
        continue;
      }
      int dim = dims[axes[i]];
      switch (policy) {
        case "stretch" -> {
          outputs[axes[i]] = Math.toIntExact(sizes[i]);
          factors[axes[i]] = (float) ((double) sizes[i] / dim);
        }
        case "not_larger", "not_smaller" -> {
          outputs[axes[i]] = Math.toIntExact(Math.round(common * dim));
          factors[axes[i]] = (float) common;
        }
        default -> throw new Unsupported("keep_aspect_ratio_policy " + policy);
      }
    }
  }
}
