package org.espalier.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.imageio.ImageIO;
import org.espalier.data.binary.TinyCifar;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.json.JsonMapper;

/** What the commands make of images with colours. */
class ColourDataTest {
  @TempDir Path dir;

  private final StringWriter err = new StringWriter();

  private String run(int code, Object... args) {
    StringWriter out = new StringWriter();
    String[] words = Arrays.stream(args).map(Object::toString).toArray(String[]::new);
    assertEquals(code, Main.run(new PrintWriter(out), new PrintWriter(err), words), err::toString);
    return out.toString();
  }

  private Path image(String name, int side, int rgb) throws IOException {
    BufferedImage image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
    for (int i = 0; i < side * side; i++) {
      image.setRGB(i % side, i / side, rgb + i % 5);
    }
    Path file = dir.resolve(name);
    Files.createDirectories(file.getParent());
    assertTrue(ImageIO.write(image, "png", file.toFile()));
    return file;
  }

  private Path train(Path data, Object... more) {
    Path folder = dir.resolve("run");
    Object[] args = {
      "train",
      "plain",
      "--set",
      "network=[16]",
      "--set",
      "epochs=8",
      "--data",
      data,
      "--out",
      folder,
      "--threads",
      "1"
    };
    Object[] all = Arrays.copyOf(args, args.length + more.length);
    System.arraycopy(more, 0, all, args.length, more.length);
    run(0, all);
    return folder.resolve("model.safetensors");
  }

  @Test
  void trainsOnCifarAndJudgesByIt() throws IOException {
    TinyCifar.write(dir, 40, 5, 1);
    Path model = train(dir);
    String judged = run(0, "eval", model, "--data", dir, "--json");
    assertTrue(judged.contains("100.0"), judged);
    assertTrue(run(0, "inspect", model).contains("channel 2"));
  }

  private int examples(Object... args) {
    return JsonMapper.shared().readTree(run(0, args)).get(0).get("examples").asInt();
  }

  @Test
  void imagesInClassesAloneAreJudgedByWhatTheModelDoesNotKnow() throws IOException {
    for (int i = 0; i < 30; i++) {
      image("first/blue/" + i + ".png", 8, 0x000080 + i);
      image("first/red/" + i + ".png", 8, 0x800000 + i);
      image("second/blue/" + i + ".png", 8, 0x000070 + i);
    }
    Path first = dir.resolve("first");
    Path second = dir.resolve("second");
    Path model = train(first);
    assertEquals(12, examples("eval", model, "--data", first, "--json"));
    assertTrue(
        err.toString().contains("12 of 60 examples, those that training held out"), "" + err);
    assertEquals(30, examples("eval", model, "--data", second, "--json"));
    assertTrue(err.toString().contains("judged by all 30 examples"), err.toString());
    assertEquals(60, examples("eval", model, "--data", first, "--split", 1, "--json"));
    run(2, "train", "plain", "--data", first, "--split", 1, "--out", dir.resolve("other"));
    assertTrue(err.toString().contains("--split: expected a number above 0 and below 1"), "" + err);
  }

  @Test
  void trainsOnFoldersOfImagesOfAnySize() throws IOException {
    for (int i = 0; i < 30; i++) {
      image("train/blue/" + i + ".png", 9 + i % 3, 0x000080 + i);
      image("train/red/" + i + ".png", 9 + i % 3, 0x800000 + i);
      image("test/blue/" + i + ".png", 10, 0x000070 + i);
      image("test/red/" + i + ".png", 10, 0x700000 + i);
    }
    Path model = train(dir, "--image-size", 8);
    // The model's size is that of the images it is judged by, and of those it is shown.
    String judged = run(0, "eval", model, "--data", dir, "--json");
    assertTrue(judged.contains("100.0"), judged);
    Path shown = image("shown.png", 40, 0x780000);
    assertTrue(run(0, "predict", model, shown).contains("red"));

    run(2, "train", "plain", "--data", dir, "--out", dir.resolve("other"));
    assertTrue(err.toString().contains("expected images that all are 9x9 as the first"));
    run(2, "eval", model, "--image-size", 8);
    assertTrue(
        err.toString()
            .contains(
                "--image-size: expected --data with a folder of image files, found no --data"));
  }
}
