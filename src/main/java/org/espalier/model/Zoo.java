package org.espalier.model;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.espalier.tensor.Shape;

/** The networks that can be called by name. */
public final class Zoo {
  private static final Map<String, BiFunction<Shape, Integer, Graph>> NAMED =
      new TreeMap<>(
          Map.ofEntries(
              Map.entry("lenet-300-100", (input, classes) -> mlp(input, 300, 100, classes)),
              Map.entry("mlp-128-64-32", (input, classes) -> mlp(input, 128, 64, 32, classes)),
              Map.entry("lenet-5", (input, classes) -> lenet5(input, 6, 16, 120, 84, classes)),
              Map.entry("resnet20", (input, classes) -> ResNet.cifar(input, 20, classes)),
              Map.entry("resnet32", (input, classes) -> ResNet.cifar(input, 32, classes)),
              Map.entry("resnet56", (input, classes) -> ResNet.cifar(input, 56, classes)),
              Map.entry("resnet32-paper", (input, classes) -> ResNet.paper(input, 32, classes)),
              Map.entry("resnet18", (input, classes) -> ResNet.basic(input, classes, 2, 2, 2, 2)),
              Map.entry("resnet34", (input, classes) -> ResNet.basic(input, classes, 3, 4, 6, 3)),
              Map.entry("resnet50", (input, classes) -> ResNet.deep(input, classes, 3, 4, 6, 3)),
              Map.entry("resnet101", (input, classes) -> ResNet.deep(input, classes, 3, 4, 23, 3)),
              Map.entry("resnet152", (input, classes) -> ResNet.deep(input, classes, 3, 8, 36, 3)),
              Map.entry("wide-resnet", (input, classes) -> ResNet.wide(input, 28, 10, classes)),
              Map.entry("vgg16", Zoo::vgg16)));

  /** Widths of the convolutions of VGG-16; 0 stands for a pooling. */
  private static final int[] VGG16 = {
    64, 64, 0, 128, 128, 0, 256, 256, 256, 0, 512, 512, 512, 0, 512, 512, 512, 0
  };

  private static final Pattern WIDE_RESNET = Pattern.compile("wide-resnet-(\\d{1,3})-(\\d{1,2})");

  private Zoo() {}

  /** Returns the names that {@link #named} knows. */
  public static List<String> names() {
    return List.copyOf(NAMED.keySet());
  }

  /**
   * Returns a network of the zoo, its weights 0.
   *
   * <ul>
   *   <li>{@code lenet-300-100}, {@code lenet-5} (LeCun et al. 1998), rectified, with pooling by
   *       maximum
   *   <li>{@code mlp-128-64-32}, the perceptron of the targeted dropout paper's code
   *   <li>{@code resnet20}, {@code resnet32}, {@code resnet56}: {@link ResNet#cifar}
   *   <li>{@code resnet32-paper}: {@link ResNet#paper}, the targeted dropout paper's network
   *   <li>{@code resnet18}, {@code resnet34}: {@link ResNet#basic}
   *   <li>{@code resnet50}, {@code resnet101}, {@code resnet152}: {@link ResNet#deep}
   *   <li>{@code wide-resnet-28-4} and other depths and widths: {@link ResNet#wide}; {@code
   *       wide-resnet} is 28-10
   *   <li>{@code vgg16}: {@link #vgg16}
   * </ul>
   *
   * @param input shape of one example
   * @param classes number of outputs
   */
  public static Optional<Graph> named(String name, Shape input, int classes) {
    Matcher wide = WIDE_RESNET.matcher(name);
    if (wide.matches()) {
      int depth = Integer.parseInt(wide.group(1));
      return Optional.of(ResNet.wide(input, depth, Integer.parseInt(wide.group(2)), classes));
    }
    return Optional.ofNullable(NAMED.get(name)).map(maker -> maker.apply(input, classes));
  }

  /** Returns the shape of the images that a network of this name was made for. */
  public static Shape usualInput(String name) {
    return switch (name) {
      case "lenet-300-100", "lenet-5", "mlp-128-64-32" -> Shape.of(1, 28, 28);
      case "resnet18", "resnet34", "resnet50", "resnet101", "resnet152", "vgg16" ->
          Shape.of(3, 224, 224);
      default -> Shape.of(3, 32, 32);
    };
  }

  /**
   * Returns a multi-layer perceptron: layers {@code fc1}, {@code fc2}, … with rectifiers between
   * them and {@code logits} last, all parameters 0.
   *
   * @param input shape of one example, flattened first
   * @param widths outputs of each layer, the last being the number of classes
   */
  public static Graph mlp(Shape input, int... widths) {
    if (widths.length == 0) {
      throw new IllegalArgumentException("a perceptron needs at least one layer");
    }
    Graph.Builder builder = Graph.input(input).flatten();
    for (int i = 0; i < widths.length - 1; i++) {
      builder.linear("fc" + (i + 1), widths[i]).relu();
    }
    return builder.linear("logits", widths[widths.length - 1]).build();
  }

  /**
   * Returns LeNet-5: two convolutions of 5 x 5, each with a rectifier and a pooling of 2 x 2, the
   * first padded so that maps of 28 x 28 stay as large, and three fully connected layers.
   *
   * @param widths channels of the convolutions, units of the layers, number of classes
   */
  public static Graph lenet5(Shape input, int... widths) {
    if (widths.length != 5) {
      throw new IllegalArgumentException("LeNet-5 has 5 widths, not " + widths.length);
    }
    return Graph.input(input)
        .conv("conv1", widths[0], 5, 1, 2, true)
        .relu()
        .maxPool(2, 2, 0)
        .conv("conv2", widths[1], 5, 1, 0, true)
        .relu()
        .maxPool(2, 2, 0)
        .flatten()
        .linear("fc1", widths[2])
        .relu()
        .linear("fc2", widths[3])
        .relu()
        .linear("logits", widths[4])
        .build();
  }

  /**
   * Returns VGG-16 (Simonyan and Zisserman 2015). Images of 64 pixels and more go the ImageNet way:
   * convolutions with bias and two layers of 4096 units. Smaller ones go the CIFAR way: a
   * normalisation behind each convolution and a single layer, into the logits.
   */
  public static Graph vgg16(Shape input, int classes) {
    boolean large = input.dim(1) >= 64;
    Graph.Builder builder = Graph.input(input);
    int stage = 1;
    int inStage = 1;
    for (int width : VGG16) {
      if (width == 0) {
        builder.maxPool(2, 2, 0);
        stage++;
        inStage = 1;
        continue;
      }
      String name = stage + "_" + inStage++;
      builder.conv("conv" + name, width, 3, 1, 1, large);
      if (!large) {
        builder.batchNorm("bn" + name);
      }
      builder.relu();
    }
    builder.flatten();
    if (large) {
      builder.linear("fc1", 4096).relu().linear("fc2", 4096).relu();
    }
    return builder.linear("logits", classes).build();
  }
}
