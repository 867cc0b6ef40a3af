package org.espalier.experiment.tune;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.espalier.InputException;
import org.espalier.infer.KernelTimes;
import org.espalier.infer.WeightFormat;
import org.espalier.io.CacheDirectory;
import org.espalier.io.Sha256;
import org.espalier.kernel.Kernels;
import org.espalier.machine.Machine;

/**
 * The {@link KernelTimes} that are kept for one machine, JDK, build of this program and choice of
 * kernels: a text file of its own in the {@link CacheDirectory} for each of them, so that times of
 * other kernels or another machine with the same home are never taken for these.
 *
 * <p>Lines that begin with {@code #} say what they were measured on; the others have, between tabs,
 * the layer, the kernel, the batch and nanoseconds. Lines that make no sense are passed over.
 * Beyond {@value #MOST} the oldest go; of the files the ones that were not used for longest.
 */
public final class KernelTimesFile {
  private static final String PART = "kernel-times";
  private static final String SUFFIX = ".tsv";
  private static final String HEAD = "# kernel times of espalier, by layer, kernel, batch: ns";

  /** Times that are kept. */
  private static final int MOST = 4000;

  /** Bytes that are read; so many times don't fill half of it. */
  private static final int MAX_BYTES = 1 << 20;

  /** Bytes of all files together. */
  private static final long MAX_ALL_BYTES = 8L << 20;

  private static final int FIELDS = 4;
  private static final Pattern BATCH = Pattern.compile("\\d{1,4}");
  private static final Pattern NANOS = Pattern.compile("[1-9]\\d{0,11}");

  private final Optional<CacheDirectory> folder;
  private final List<String> subject;
  private final String name;

  /**
   * Names a file, which needn't be there.
   *
   * @param subject what times depend on besides layer, kernel and batch: machine, JDK, build
   */
  KernelTimesFile(Optional<CacheDirectory> folder, List<String> subject) {
    this.folder = folder.map(f -> f.part(PART));
    this.subject = subject.stream().map(line -> line.replaceAll("\\p{Cntrl}", " ")).toList();
    this.name = new Sha256().add(String.join("\n", this.subject)).hex().substring(0, 16) + SUFFIX;
  }

  /**
   * Returns the file for this machine, this JVM and the kernels that run in it.
   *
   * @param build which build of this program it is
   */
  public static KernelTimesFile here(String build) {
    Machine machine = Machine.detect();
    return new KernelTimesFile(
        CacheDirectory.find(),
        List.of(
            "machine: " + machine.cpu() + ", caches " + machine.caches(),
            "JDK: " + machine.java() + ", " + machine.flags(),
            "build: " + build,
            "kernels: " + Kernels.choice()));
  }

  /** Returns whether times of any machine are kept, which costs less to know than whose. */
  public static boolean isAny() {
    return CacheDirectory.find().map(f -> Files.isDirectory(f.part(PART).folder())).orElse(false);
  }

  /** Returns where the times are kept, or empty if nothing is. */
  public Optional<Path> file() {
    return folder.map(f -> f.folder().resolve(name));
  }

  /** Reads what is kept; nothing if that can't be read. */
  public KernelTimes read() {
    Optional<InputStream> opened = folder.flatMap(f -> f.open(name));
    if (opened.isEmpty()) {
      return KernelTimes.NONE;
    }
    try (InputStream in = opened.get()) {
      byte[] bytes = in.readNBytes(MAX_BYTES);
      Map<KernelTimes.Key, Double> times = new LinkedHashMap<>();
      new String(bytes, StandardCharsets.UTF_8).lines().forEach(line -> readLine(line, times));
      return new KernelTimes(times);
    } catch (IOException e) {
      return KernelTimes.NONE; // then estimates must do
    }
  }

  private static void readLine(String line, Map<KernelTimes.Key, Double> times) {
    String[] fields = line.split("\t", -1);
    if (fields.length == FIELDS
        && BATCH.matcher(fields[2]).matches()
        && NANOS.matcher(fields[3]).matches()) {
      WeightFormat.named(fields[1])
          .filter(format -> format != WeightFormat.AUTO)
          .ifPresent(
              format -> {
                int batch = Integer.parseInt(fields[2]);
                times.put(new KernelTimes.Key(fields[0], format, batch), Double.valueOf(fields[3]));
              });
    }
  }

  /**
   * Adds times to those that are kept.
   *
   * @throws InputException if they can't be written
   */
  public void add(Map<KernelTimes.Key, Double> times) {
    if (folder.isEmpty() || times.isEmpty()) {
      return;
    }
    Map<KernelTimes.Key, Double> all = new LinkedHashMap<>(read().with(times).nanos());
    var oldest = all.keySet().iterator();
    for (int surplus = all.size() - MOST; surplus > 0; surplus--) {
      oldest.next();
      oldest.remove();
    }
    folder.get().makeRoom(MAX_BYTES, MAX_ALL_BYTES);
    folder
        .get()
        .write(
            name,
            out -> {
              Writer text = new OutputStreamWriter(out, StandardCharsets.UTF_8);
              text.write(HEAD + "\n");
              for (String line : subject) {
                text.write("# " + line + "\n");
              }
              for (Map.Entry<KernelTimes.Key, Double> e : all.entrySet()) {
                text.write(
                    String.format(
                        Locale.ROOT,
                        "%s\t%s\t%d\t%.0f%n",
                        e.getKey().layer(),
                        e.getKey().kernel(),
                        e.getKey().batch(),
                        Math.max(1, e.getValue())));
              }
              text.flush();
            });
  }
}
