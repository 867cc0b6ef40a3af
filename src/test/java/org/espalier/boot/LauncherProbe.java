package org.espalier.boot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Starts {@link Program} the way that the launcher starts the command line. */
public final class LauncherProbe {
  private LauncherProbe() {}

  public static void main(String[] args) throws Exception {
    Launcher.start(LauncherProbe.class, Program.class.getName(), args);
  }

  /** What runs at the end of the chain. */
  public static final class Program {
    private Program() {}

    /** Says who it is, and exits with a code or waits for a signal. */
    public static void main(String[] args) throws Exception {
      System.out.println("pid " + ProcessHandle.current().pid());
      System.out.println("args " + String.join("|", args));
      System.out.println("property " + System.getProperty("probe"));
      System.out.println(
          "vectors " + ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent());
      if (args.length > 2) {
        System.out.println("path " + Path.of(args[2]));
      }
      System.out.flush();
      if (args[0].equals("exit")) {
        System.exit(Integer.parseInt(args[1]));
      }
      Runtime.getRuntime().addShutdownHook(new Thread(() -> keepCheckpoint(Path.of(args[1]))));
      System.out.println("waiting");
      Thread.sleep(120_000);
    }

    private static void keepCheckpoint(Path file) {
      try {
        Thread.sleep(300);
        Files.createFile(file);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
