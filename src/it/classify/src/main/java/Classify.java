import java.nio.file.Path;
import org.espalier.data.image.ImageFile;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.infer.Session;
import org.espalier.io.ModelFile;
import org.espalier.model.Model;
import org.espalier.tensor.Tensor;

/** Tells what an image shows: {@code Classify MODEL IMAGE}. */
class Classify {
  public static void main(String[] args) {
    Model model = ModelFile.read(Path.of(args[0]));
    Session session = Plan.compile(model.graph(), PlanOptions.defaults()).session();
    Tensor x =
        ImageFile.read(Path.of(args[1]), model.graph().inputShape())
            .toInput(0, 1, model.preprocessing());
    float[] logits = new float[model.classes().size()];
    session.run(1, x.data(), x.offset(), x.ld(), logits, 0, logits.length);

    int best = 0;
    for (int c = 1; c < logits.length; c++) {
      best = logits[c] > logits[best] ? c : best;
    }
    IO.println("It shows: " + model.classes().get(best));
  }
}
