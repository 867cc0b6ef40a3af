package org.espalier.cli;

import java.nio.file.Path;
import org.espalier.data.Dataset;
import org.espalier.data.FashionMnist;
import org.espalier.data.IdxData;
import org.espalier.data.Split;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Which data. */
final class DataOption {
  @Option(
      names = "--data",
      paramLabel = "DIR|FILE",
      description =
          "Folder with the four IDX files, gz or plain, or one images file whose labels lie"
              + " beside it. Default: the embedded part of Fashion-MNIST.")
  private @Nullable Path path;

  /** Returns training and test images. */
  Split split() {
    return path == null ? FashionMnist.embedded() : IdxData.read(path);
  }

  /** Returns the images to judge a model by. */
  Dataset test() {
    return path == null ? FashionMnist.embedded().heldOut() : IdxData.readPart(path);
  }
}
