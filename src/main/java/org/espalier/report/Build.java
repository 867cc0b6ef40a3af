package org.espalier.report;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;

/**
 * Which build of the program this is.
 *
 * @param version the project's version
 * @param commit abbreviated id of the commit it was built from, or {@code unknown}
 * @param dirty whether there were changes that no commit holds
 */
public record Build(String version, String commit, boolean dirty) {
  private static final String RESOURCE = "build.properties";

  /** Returns the build that runs. */
  public static Build current() {
    Properties p = load();
    return new Build(
        p.getProperty("version", ""),
        p.getProperty("commit", ""),
        Boolean.parseBoolean(p.getProperty("dirty")));
  }

  /** Returns the version of uPlot that lies in the class path. */
  static String uplotVersion() {
    return load().getProperty("uplot", "");
  }

  private static Properties load() {
    try (InputStream in = Build.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException("the program's resource " + RESOURCE + " is missing");
      }
      Properties p = new Properties();
      p.load(in);
      return p;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Returns for instance {@code 0.1.0 (commit 1a2b3c4, with changes)}. */
  @Override
  public String toString() {
    return version + " (commit " + commit + (dirty ? ", with changes" : "") + ")";
  }
}
