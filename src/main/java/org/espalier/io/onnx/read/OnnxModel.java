package org.espalier.io.onnx.read;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.espalier.InputException;
import org.jspecify.annotations.Nullable;

/**
 * An ONNX file.
 *
 * @param irVersion version of the format
 * @param producer the program that wrote it, and its version; may be empty
 * @param opsets versions of operators by domain, that of ONNX itself called ""
 * @param metadata texts that go with it, sorted by key
 * @param graph what it computes
 */
public record OnnxModel(
    long irVersion,
    String producer,
    Map<String, Long> opsets,
    Map<String, String> metadata,
    OnnxNetwork graph) {
  /** The first version of the format that states the versions of operators. */
  private static final int STATES_OPSETS = 3;

  /** Copies the maps. */
  public OnnxModel {
    opsets = Collections.unmodifiableMap(new TreeMap<>(opsets));
    metadata = Collections.unmodifiableMap(new TreeMap<>(metadata));
  }

  /**
   * Reads a file. It stays mapped as long as a tensor of it is in use, and must not become shorter
   * meanwhile.
   *
   * @throws InputException if it can't be read or is no right ONNX model
   */
  public static OnnxModel read(Path file) {
    return read(Source.map(file));
  }

  /** Reads what is in memory. */
  static OnnxModel read(String file, byte[] content) {
    return read(Source.of(file, content));
  }

  private static OnnxModel read(Source source) {
    try {
      return parse(source.reader());
    } catch (InputException e) {
      throw source.refusal(e);
    }
  }

  /** Reads {@code ModelProto}. Graph and functions wait until the versions are known. */
  private static OnnxModel parse(WireReader in) {
    long irVersion = 0;
    String producer = "";
    String version = "";
    @Nullable WireReader graph = null;
    Map<String, Long> opsets = new HashMap<>();
    Map<String, String> metadata = new HashMap<>();
    List<WireReader> bodies = new ArrayList<>();
    for (int number = in.next(); number != 0; number = in.next()) {
      switch (number) {
        case 1 -> irVersion = in.integer();
        case 2 -> producer = in.text();
        case 3 -> version = in.text();
        case 7 -> {
          if (graph != null) {
            throw InputException.expected(in.where(), "one graph", "two");
          }
          graph = in.message(in.where());
        }
        case 8 -> opset(in.message(new Place(in.where(), "opset_import")), opsets);
        case 14 -> TensorParser.entry(in.message(new Place(in.where(), "metadata")), metadata);
        case 25 -> {
          in.source().count(1);
          bodies.add(in.message(new Place(in.where(), "function", bodies.size())));
        }
        default -> in.skip();
      }
    }
    if (graph == null || irVersion < 1) {
      throw InputException.expected(
          in.where(),
          "an ONNX model",
          graph == null ? "none (no graph)" : "one without ir_version");
    }
    if (opsets.isEmpty() && irVersion < STATES_OPSETS) {
      opsets.put("", 1L);
    }
    Map<OperatorKey, OnnxFunction> functions = new HashMap<>();
    for (WireReader body : bodies) {
      OnnxFunction function = OnnxFunction.parse(body);
      if (functions.put(function.key(), function) != null) {
        throw InputException.expected(in.where(), "one function " + function.key(), "two");
      }
    }
    return new OnnxModel(
        irVersion,
        (producer + " " + version).strip(),
        opsets,
        metadata,
        GraphParser.parse(graph, opsets, functions));
  }

  /** Reads {@code OperatorSetIdProto}. */
  static void opset(WireReader in, Map<String, Long> opsets) {
    in.source().count(1);
    String domain = "";
    long version = 0;
    for (int number = in.next(); number != 0; number = in.next()) {
      switch (number) {
        case 1 -> domain = OperatorKey.domain(in.text());
        case 2 -> version = in.integer();
        default -> in.skip();
      }
    }
    Long other = opsets.put(domain, version);
    if (other != null && other != version) {
      throw InputException.expected(
          in.where(), "one version of '" + domain + "'", other + " and " + version);
    }
  }
}
