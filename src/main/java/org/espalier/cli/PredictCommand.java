package org.espalier.cli;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Classifies images. */
@Command(
    name = "predict",
    description =
        "Classifies an image or a file of images; the preprocessing comes from the model.")
final class PredictCommand implements Callable<Integer> {

  @Parameters(index = "0", paramLabel = "MODEL", description = "A model file.")
  Path model;

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "IMAGES",
      description = "Image files (PNG, JPEG) or IDX files of images, gz or plain.")
  List<Path> images;

  @Option(
      names = "--top",
      paramLabel = "N",
      defaultValue = "1",
      converter = Count.class,
      description = "How many classes to name for each image. Default: ${DEFAULT-VALUE}.")
  int top;

  @Mixin ThreadsOption threads;
  @Mixin JsonOption format;

  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    throw Pending.work(spec);
  }
}
