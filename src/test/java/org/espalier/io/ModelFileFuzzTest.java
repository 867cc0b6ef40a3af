package org.espalier.io;

import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.SplittableRandom;
import org.espalier.InputException;
import org.espalier.model.Model;
import org.espalier.tensor.Precision;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Changes model files at random. What comes of them is refused as wrong input or is the model that
 * was written; where the digest was made to fit again, any sound model. Never another exception,
 * and never much memory.
 */
class ModelFileFuzzTest {
  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  private static final int FILES = 4000;

  /** Bytes that reading one file of a few kilobytes may allocate. */
  private static final long MOST_MEMORY = 64 << 20;

  private static final String[] TOKENS = {
    "\"dtype\"",
    "\"U8\"",
    "\"U16\"",
    "\"I32\"",
    "\"F32\"",
    "\"F16\"",
    "\"I8\"",
    "\"I64\"",
    "null",
    "true",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"",
    "\\\"",
    "\\u0000",
    "0",
    "-1",
    "1e9",
    "NaN",
    "2147483647",
    "4294967296",
    "9223372036854775807",
    "99999999999999999999",
    "[[[[[[[[[[[[[[[[[[[[",
    "{\"a\":{\"a\":{\"a\":",
    "\"__metadata__\":{}",
    "\"graph\"",
    "\\\"columns\\\"",
    "\\\"deviation\\\"",
    "\"fc1.weight\":",
    "\"data_offsets\":[0,0]",
    "\ud83d\ude00"
  };

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3})
  void aChangedFileIsRefusedOrHoldsTheSameModel(long seed, @TempDir Path folder)
      throws IOException {
    Assertions.assertTimeout(Duration.ofMinutes(3), () -> fuzz(seed, folder, false));
  }

  @ParameterizedTest
  @ValueSource(longs = {4, 5, 6})
  void aForgedFileIsRefusedOrSound(long seed, @TempDir Path folder) throws IOException {
    Assertions.assertTimeout(Duration.ofMinutes(3), () -> fuzz(seed, folder, true));
  }

  private static void fuzz(long seed, Path folder, boolean forge) throws IOException {
    SplittableRandom random = new SplittableRandom(seed);
    Model[] models = {
      SampleModels.perceptron(0.97, seed),
      SampleModels.perceptron(0.5, seed),
      SampleModels.table(0.97, seed),
      SampleModels.rounded(SampleModels.perceptron(0.5, seed), Precision.FP16),
      SampleModels.rounded(SampleModels.perceptron(0.97, seed), Precision.INT8)
    };
    Precision[] precisions = {
      Precision.FP32, Precision.FP32, Precision.FP32, Precision.FP16, Precision.INT8
    };
    byte[][] files = new byte[models.length][];
    for (int i = 0; i < models.length; i++) {
      Path path = folder.resolve(i + ".safetensors");
      ModelFile.write(path, models[i], precisions[i]);
      files[i] = Files.readAllBytes(path);
    }
    int accepted = 0;
    for (int i = 0; i < FILES; i++) {
      Model model = models[i % models.length];
      byte[] changed = change(files[i % models.length], random);
      if (forge) {
        changed = Forgery.withFittingDigest(changed);
      }
      long before = THREADS.getCurrentThreadAllocatedBytes();
      try {
        Model read = ModelFile.model(Safetensors.read("f", changed));
        accepted++;
        if (!forge) {
          SampleModels.assertSame(model, read, "seed " + seed + ", file " + i);
        }
      } catch (InputException e) {
        assertTrue(e.getMessage().startsWith("f"), e.getMessage());
      } catch (RuntimeException | StackOverflowError e) {
        fail("seed " + seed + ", file " + i, e);
      }
      long memory = THREADS.getCurrentThreadAllocatedBytes() - before;
      assertTrue(memory < MOST_MEMORY, memory + " bytes, seed " + seed + ", file " + i);
    }
    assertTrue(accepted < FILES, "some changes must show");
    if (forge) {
      assertTrue(accepted > FILES / 50, "too few forged files are sound: " + accepted);
    }
  }

  private static byte[] change(byte[] file, SplittableRandom random) {
    return switch (random.nextInt(6)) {
      case 0 -> flip(file, 0, file.length, random);
      case 1 -> Arrays.copyOf(file, random.nextInt(file.length));
      case 2 -> splice(file, random);
      case 3 -> flip(file, Forgery.headerEnd(file), file.length, random);
      case 4 -> flip(file, 0, Math.min(file.length, 8 + random.nextInt(64)), random);
      default -> changeHeader(file, random);
    };
  }

  private static byte[] flip(byte[] file, int from, int to, SplittableRandom random) {
    byte[] changed = file.clone();
    for (int n = random.nextInt(1, 9); n > 0; n--) {
      changed[random.nextInt(from, to)] ^= (byte) (1 << random.nextInt(8));
    }
    return changed;
  }

  /** Removes a piece, or doubles it. */
  private static byte[] splice(byte[] file, SplittableRandom random) {
    int from = random.nextInt(file.length);
    int to = random.nextInt(from, Math.min(file.length, from + 200)) + 1;
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    boolean doubled = random.nextBoolean();
    out.write(file, 0, doubled ? to : from);
    out.write(file, doubled ? from : to, file.length - (doubled ? from : to));
    return out.toByteArray();
  }

  /** Changes the text of the header and makes its length fit. */
  private static byte[] changeHeader(byte[] file, SplittableRandom random) {
    int end = Forgery.headerEnd(file);
    StringBuilder text =
        new StringBuilder(new String(file, 8, end - 8, StandardCharsets.UTF_8).strip());
    for (int n = random.nextInt(1, 4); n > 0; n--) {
      int at = random.nextInt(text.length());
      int digit = nextDigit(text, at);
      switch (random.nextInt(5)) {
        case 0 -> text.insert(at, TOKENS[random.nextInt(TOKENS.length)]);
        case 1 -> text.deleteCharAt(at);
        case 2 -> text.setCharAt(digit, (char) ('0' + random.nextInt(10)));
        case 3 -> text.insert(digit, random.nextInt(10));
        default -> text.replace(at, at + 1, TOKENS[random.nextInt(TOKENS.length)]);
      }
    }
    return Forgery.file(text.toString(), Arrays.copyOfRange(file, end, file.length));
  }

  private static int nextDigit(CharSequence text, int from) {
    for (int i = from; i < text.length(); i++) {
      if (Character.isDigit(text.charAt(i))) {
        return i;
      }
    }
    return from;
  }
}
