package org.espalier.io.weights;

import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The names of PyTorch's collections of networks, for the residual networks and VGG-16 of the zoo.
 * Those for CIFAR, which neither collection has, are named in the same way, as people do who train
 * them.
 */
public enum TorchNames {
  /** Of torchvision. */
  TORCHVISION("classifier.0", "classifier.3", "classifier.6"),
  /** Of timm, which calls residual networks as torchvision does. */
  TIMM("pre_logits.fc1", "pre_logits.fc2", "head.fc");

  private static final Pattern RESNET = Pattern.compile("resnet\\d+");
  private static final Pattern IN_BLOCK = Pattern.compile("(conv|bn)(\\d)_(\\d{1,3})_(\\d)");
  private static final Pattern SHORTCUT = Pattern.compile("(bn)?shortcut(\\d)_(\\d{1,3})");
  private static final Pattern IN_VGG = Pattern.compile("conv([1-5])_([1-3])");

  private static final Map<String, String> ENDS =
      Map.of("conv1", "conv1", "bn1", "bn1", "logits", "fc");

  /** Convolutions of VGG-16 in front of each stage. */
  private static final int[] BEFORE_STAGE = {0, 2, 4, 7, 10};

  // Names of VGG-16's fully connected layers.
  private final String fc1;
  private final String fc2;
  private final String logits;

  TorchNames(String fc1, String fc2, String logits) {
    this.fc1 = fc1;
    this.fc2 = fc2;
    this.logits = logits;
  }

  /**
   * Returns the names of a network, if the collection has it.
   *
   * @param network its name in the zoo
   */
  public Optional<NameTable> of(String network) {
    if (RESNET.matcher(network).matches()) {
      return Optional.of(parameter -> renamed(parameter, TorchNames::inResNet));
    }
    return network.equals("vgg16")
        ? Optional.of(parameter -> renamed(parameter, this::inVgg))
        : Optional.empty();
  }

  /** Names the layer of a parameter anew. */
  private static Optional<String> renamed(
      String parameter, Function<String, Optional<String>> layerName) {
    int dot = parameter.lastIndexOf('.');
    return layerName
        .apply(parameter.substring(0, dot))
        .map(layer -> layer + parameter.substring(dot));
  }

  private static Optional<String> inResNet(String layer) {
    Matcher inner = IN_BLOCK.matcher(layer);
    if (inner.matches()) {
      return Optional.of(block(inner.group(2), inner.group(3)) + inner.group(1) + inner.group(4));
    }
    Matcher shortcut = SHORTCUT.matcher(layer);
    if (shortcut.matches()) {
      String place = block(shortcut.group(2), shortcut.group(3)) + "downsample.";
      return Optional.of(place + (shortcut.group(1) == null ? 0 : 1));
    }
    return Optional.ofNullable(ENDS.get(layer));
  }

  /** Stages count from 2 here, as in He et al., and from 1 there; blocks from 0 there. */
  private static String block(String stage, String block) {
    return "layer" + (Integer.parseInt(stage) - 1) + "." + (Integer.parseInt(block) - 1) + ".";
  }

  /** Convolutions, rectifiers and poolings are counted there. */
  private Optional<String> inVgg(String layer) {
    Matcher conv = IN_VGG.matcher(layer);
    if (conv.matches()) {
      int stage = Integer.parseInt(conv.group(1)) - 1;
      int before = BEFORE_STAGE[stage] + Integer.parseInt(conv.group(2)) - 1;
      return Optional.of("features." + (2 * before + stage));
    }
    return switch (layer) {
      case "fc1" -> Optional.of(fc1);
      case "fc2" -> Optional.of(fc2);
      case "logits" -> Optional.of(logits);
      default -> Optional.empty();
    };
  }
}
