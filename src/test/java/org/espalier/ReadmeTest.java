package org.espalier;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.espalier.data.Dataset;
import org.espalier.data.binary.FashionMnist;
import org.espalier.experiment.recipe.RecipeReader;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.infer.Session;
import org.espalier.model.Graph;
import org.espalier.model.Initializer;
import org.espalier.model.Preprocessing;
import org.espalier.op.Span;
import org.espalier.op.Sparsifier;
import org.espalier.parallel.ThreadPool;
import org.espalier.prune.Pruning;
import org.espalier.prune.Sparsity;
import org.espalier.sparsify.Fraction;
import org.espalier.sparsify.Granularity;
import org.espalier.sparsify.LayerPattern;
import org.espalier.sparsify.TargetedDropout;
import org.espalier.sparsify.UnitMode;
import org.espalier.tensor.Shape;
import org.espalier.tensor.Tensor;
import org.espalier.train.LearningRate;
import org.espalier.train.SgdOptions;
import org.espalier.train.TrainOptions;
import org.espalier.train.Trainer;
import org.espalier.train.TrainingListener;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The Java of the README and of the documents, run; {@link DocumentsTest} compares the texts. */
class ReadmeTest {
  @TempDir Path dir;

  /** The same network as a list of layers and built in Java. */
  @Test
  void aListOfLayersIsTheNetworkBuiltInJava() throws IOException {
    Graph.Builder net =
        Graph.input(Shape.of(3, 32, 32)).conv("conv1", 16, 3, 1).batchNorm("bn1").relu();
    String before = net.last();
    net.conv("conv2", 16, 3, 1).batchNorm("bn2").plus(before).relu();
    Graph residual = net.globalAveragePool().flatten().linear("logits", 10).build();

    String yaml =
        Documents.blocks().stream()
            .filter(block -> block.language().equals("yaml"))
            .map(Documents.Block::text)
            .filter(text -> text.contains("plus"))
            .findFirst()
            .orElseThrow();
    Path recipe = Files.writeString(dir.resolve("recipe.yaml"), yaml);
    Graph listed =
        RecipeReader.read(recipe.toString(), Map.of()).graph(residual.inputShape(), 10, 1);
    assertEquals(residual.nodes(), listed.nodes());
  }

  /** Every key of the recipes in the documents is known, every network can be built. */
  @Test
  void recipesOfTheDocumentsAreRead() throws IOException {
    int read = 0;
    for (Documents.Block block : Documents.blocks()) {
      if (block.language().equals("yaml")) {
        Path recipe = Files.writeString(dir.resolve(read + ".yaml"), block.text());
        RecipeReader.read(recipe.toString(), Map.of()).graph(Shape.of(1, 28, 28), 10, 1);
        read++;
      }
    }
    assertTrue(read >= 2, read + " recipes");
  }

  @Test
  void theJavaOfTheReadmeTrainsPrunesAndRuns() {
    long seed = 1;
    Dataset all = FashionMnist.embedded().training();
    Dataset train = all.holdOut(256, seed).heldOut();
    Dataset test = FashionMnist.embedded().heldOut();
    Preprocessing preprocessing = train.standardization();
    LearningRate rate =
        new LearningRate(0.05, new Span(0, Span.Unit.STEPS), new LearningRate.Constant());
    TrainOptions options = TrainOptions.of(5, 32, new SgdOptions(rate, 0.9, true, 0, 0), seed);
    int batch = 16;
    Tensor input = test.examples().toInput(0, batch, preprocessing);
    float[] images = input.toArray();
    float[] logits = new float[batch * 10];
    try (ThreadPool workers = new ThreadPool(1)) {
      Graph lenet =
          Graph.input(Shape.of(1, 28, 28))
              .flatten()
              .linear("fc1", 300)
              .relu()
              .linear("fc2", 100)
              .relu()
              .linear("logits", 10)
              .build();
      Initializer.HE_NORMAL.initialize(lenet, seed);
      Set<String> layers = LayerPattern.DEFAULT.select(lenet); // all but the logits
      Sparsifier method = TargetedDropout.ofWeights(Fraction.of("0.75"), 0.66, layers);
      new Trainer(lenet, method, options, train, test, preprocessing, workers)
          .run(TrainingListener.NONE, () -> false);
      Graph pruned =
          new Pruning(Granularity.WEIGHT, Fraction.of("0.9"), UnitMode.WEIGHTS, layers)
              .apply(lenet);
      Session session = Plan.compile(pruned, PlanOptions.defaults()).session();
      session.run(batch, images, logits);
      // 705 of 784 and 270 of 300 inputs of each unit are gone; of all 266,610 parameters
      // 79·300 + 30·100 weights, 300 + 100 + 10 biases and 1,000 weights into the logits are left.
      assertEquals(79 * 300 + 30 * 100 + 1410, Sparsity.of(pruned).nonZero(), 20);
    }
    int right = 0;
    for (int i = 0; i < batch; i++) {
      int best = 0;
      for (int c = 1; c < 10; c++) {
        best = logits[i * 10 + c] > logits[i * 10 + best] ? c : best;
      }
      right += best == test.label(i) ? 1 : 0;
    }
    assertTrue(right >= 6, right + " of " + batch + " right, where guessing gives 1.6");
  }
}
