package org.espalier.cli;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.espalier.data.Split;
import org.espalier.io.AtomicFile;
import org.espalier.io.OutputFolder;
import org.espalier.kernel.Kernels;
import org.espalier.machine.Machine;
import org.espalier.report.Build;
import org.espalier.report.Manifest;
import picocli.CommandLine.Model.CommandSpec;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** Writes beside the results how they were made. */
final class Manifests {
  private Manifests() {}

  /** Name of the manifest's file in a folder. */
  static final String FILE = "manifest.json";

  /** Writes {@code manifest.json} into a folder and returns what it says. */
  static Manifest write(
      OutputFolder folder,
      CommandSpec spec,
      long seed,
      int threads,
      Split data,
      String recipeJson) {
    Map<String, Object> recipe =
        JsonMapper.shared().readValue(recipeJson, new TypeReference<Map<String, Object>>() {});
    Manifest manifest = of(spec, seed, threads, data.training().name(), data.digest(), recipe);
    writeText(folder.file(FILE), manifest.toJson());
    return manifest;
  }

  /** Returns what a run now is made of. */
  static Manifest of(
      CommandSpec spec,
      long seed,
      int threads,
      String data,
      String dataDigest,
      Map<String, ?> recipe) {
    return new Manifest(
        Build.current(),
        Machine.detect(),
        Kernels.choice().toString(),
        Instant.now().truncatedTo(ChronoUnit.SECONDS),
        spec.root().name()
            + " "
            + String.join(" ", spec.commandLine().getParseResult().originalArgs()),
        seed,
        threads,
        data,
        dataDigest,
        recipe);
  }

  static void writeText(Path file, String text) {
    AtomicFile.write(file, out -> out.write(text.getBytes(StandardCharsets.UTF_8)));
  }
}
