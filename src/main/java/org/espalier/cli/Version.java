package org.espalier.cli;

import org.espalier.report.Build;
import picocli.CommandLine.IVersionProvider;

/** What {@code --version} prints. */
final class Version implements IVersionProvider {
  @Override
  public String[] getVersion() {
    return new String[] {
      "espalier " + Build.current(),
      "Java " + Runtime.version() + ", " + System.getProperty("java.vm.name"),
      System.getProperty("os.name") + " " + System.getProperty("os.arch")
    };
  }
}
