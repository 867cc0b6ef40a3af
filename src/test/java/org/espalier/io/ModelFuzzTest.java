package org.espalier.io;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.espalier.InputException;
import org.espalier.fuzz.Choices;
import org.espalier.fuzz.ParserLaw;
import org.espalier.fuzz.Seeds;
import org.espalier.infer.Plan;
import org.espalier.infer.PlanOptions;
import org.espalier.infer.WeightFormat;
import org.espalier.model.Graph;
import org.espalier.model.Model;
import org.espalier.model.Node;
import org.espalier.tensor.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Model files whose digests fit: graphs, with the tensors that they ask for, and what else lies
 * among the metadata.
 */
class ModelFuzzTest {
  /** Files have some kilobytes, and a parameter may grow by a factor of 4096. */
  private static final long MOST_MEMORY = 256 << 20;

  private static final long LARGEST_TENSOR = 1 << 14;

  private static final String[] KINDS = {
    "relu",
    "conv2d",
    "batch_norm",
    "max_pool",
    "average_pool",
    "global_average_pool",
    "add",
    "shortcut",
    "flatten",
    "linear",
    "activation",
    "binary",
    "slice",
    "gather",
    "pad",
    "transpose",
    "reshape",
    "expand",
    "reduce",
    "softmax",
    "standardize",
    "local_response",
    "resize",
    "conv_transpose2d",
    "no_such"
  };

  private static final String[] TOKENS = {
    "null",
    "[]",
    "{}",
    "-1",
    "0",
    "1e-44",
    "1e400",
    "NaN",
    "\"\"",
    "2147483647",
    "true",
    ",",
    "\"",
    "[[[[[[[[[[[[[[[[[[[[",
    "9223372036854775807"
  };

  private static final String PIXELS = "{\"mean\":0.5,\"deviation\":0.25}";

  static Stream<Arguments> graphs() {
    return Seeds.of(
        "{\"input\":[1,4,4],\"nodes\":[]}",
        "{\"input\":[],\"nodes\":[]}",
        "{\"input\":[1,40000,40000],\"nodes\":[]}",
        "{\"input\":[1,16384,16384],\"nodes\":[" + node("n1", "input", "flatten", "") + "]}",
        "{\"input\":[65536,65536],\"nodes\":[]}",
        network("[1,4,4]", "max_pool", window(2, 1, 2147483647), 1),
        network("[1,4,4]", "max_pool", window(2147483647, 1, 1073741823), 9),
        network("[1,4,4]", "average_pool", window(65536, 1, 32768), 25),
        network("[1,4,4]", "average_pool", window(65536, 65536, 32768), 1),
        network("[1,4,4]", "conv2d", conv(1, 2, 65536, 1, 65535, 1), 2 * 65538L * 65538),
        network("[1,4,4]", "conv2d", conv(1, 2, 65536, 65536, 32768, 1), 2),
        network("[1,4,4]", "conv2d", conv(1, 2, 3, 2147483647, 2147483647, 1), 2),
        network("[65536,1,1]", "shortcut", ",\"outputs\":2147483647,\"stride\":1", 2147483647),
        network("[1,40000,40000]", "global_average_pool", "", 1),
        network("[1,16384,16384]", "global_average_pool", "", 1),
        network("[1,46341,46341]", "relu", "", 46341L * 46341),
        "{\"input\":[1,4,4],\"nodes\":["
            + node("n1", "input", "linear", ",\"inputs\":65536,\"outputs\":65536")
            + "]}",
        network("[1,4,4]", "slice", axis("\"start\":3,\"step\":-1,\"size\":4"), 16),
        network("[1,4,4]", "slice", axis("\"start\":0,\"step\":2147483647,\"size\":9"), 36),
        network("[1,4,4]", "gather", axis("\"indices\":[3,0,2147483647]"), 12),
        network("[1,4,4]", "transpose", ",\"axes\":[2,1,0]", 16),
        network("[1,4,4]", "reshape", ",\"shape\":[2,2,2,2]", 16),
        network("[1,4,4]", "expand", ",\"shape\":[2,4,4]", 32),
        network("[1,4,4]", "expand", ",\"shape\":[536870911,1,4,4]", 16),
        network("[1,4,4]", "pad", pad("reflect", 3), 22),
        network("[1,4,4]", "pad", pad("constant", 2147483647), 16),
        network("[1,4,4]", "reduce", ",\"function\":\"l2\",\"axes\":[1],\"keep\":false", 4),
        network("[1,4,4]", "softmax", axis("\"log\":true"), 16),
        network("[1,4,4]", "standardize", ",\"axes\":[0,2],\"epsilon\":0", 16),
        network("[1,4,4]", "activation", ",\"function\":\"celu\",\"a\":0,\"b\":1", 16),
        network("[1,4,4]", "local_response", local(2147483647), 16),
        network("[1,4,4]", "resize", resize("[1,8,8]", "[1,2,2]"), 64),
        network("[1,4,4]", "resize", resize("[1,46340,46340]", "[1,1e-30,3e38]"), 16),
        network("[1,4,4]", "conv_transpose2d", transpose(1, 2, 3, 0), 72),
        network("[1,4,4]", "conv_transpose2d", transpose(1, 2, 32768, 2147483647), 72),
        network("[1,4,4]", "max_pool", box(2, 2, 1) + ",\"ceil\":true", 9),
        "{\"inputs\":[{\"name\":\"a\",\"shape\":[4]},{\"name\":\"b\",\"shape\":[4,3]}],"
            + "\"outputs\":[\"p\",\"s\",\"a\"],\"nodes\":["
            + node("p", "a", "mat_mul", ",\"other\":\"b\"")
            + ",{\"name\":\"k\",\"operator\":\"constant\",\"shape\":[3]},"
            + node("s", "b", "binary", ",\"other\":\"k\",\"function\":\"pow\"")
            + ",{\"name\":\"w\",\"operator\":\"where\",\"inputs\":[\"p\",\"s\",\"k\"]},"
            + "{\"name\":\"j\",\"operator\":\"concat\",\"inputs\":[\"w\",\"b\"],\"axis\":0}]}");
  }

  private static String axis(String more) {
    return ",\"axis\":1," + more;
  }

  private static String pad(String padding, long before) {
    return ",\"padding\":\"%s\",\"before\":[0,0,0],\"after\":[0,0,%s],\"value\":\"-infinity\""
        .formatted(padding, before);
  }

  private static String local(long size) {
    return ",\"size\":" + size + ",\"alpha\":1e-4,\"beta\":0.75,\"bias\":1";
  }

  private static String resize(String sizes, String scales) {
    return ",\"sizes\":%s,\"scales\":%s,\"interpolation\":\"cubic\",\"coordinates\":\"half_pixel\",\"rounding\":\"floor\",\"cubic\":-0.75,\"excludeOutside\":true"
        .formatted(sizes, scales);
  }

  private static String box(long size, long stride, long dilation) {
    return ",\"window\":{\"height\":%s,\"width\":%s,\"strideY\":%s,\"strideX\":1,\"top\":0,\"left\":0,\"bottom\":1,\"right\":0,\"dilationY\":1,\"dilationX\":%s}"
        .formatted(size, size, stride, dilation);
  }

  private static String transpose(long inputs, long outputs, long size, long more) {
    return ",\"inputs\":%s,\"outputs\":%s,\"moreRows\":%s,\"moreColumns\":0,\"groups\":1,\"bias\":true"
            .formatted(inputs, outputs, more)
        + box(size, 1, 1);
  }

  private static String node(String name, String input, String kind, String fields) {
    return "{\"name\":\"%s\",\"input\":\"%s\",\"operator\":\"%s\"%s}"
        .formatted(name, input, kind, fields);
  }

  /**
   * A network of one node and a layer of two units, for which {@code size} numbers are flattened.
   */
  private static String network(String input, String kind, String fields, long size) {
    String layer = ",\"inputs\":" + size + ",\"outputs\":2";
    return "{\"input\":"
        + input
        + ",\"nodes\":["
        + node("n1", "input", kind, fields)
        + ","
        + node("flat", "n1", "flatten", "")
        + ","
        + node("logits", "flat", "linear", layer)
        + "]}";
  }

  private static String window(long kernel, long stride, long padding) {
    return ",\"kernel\":" + kernel + ",\"stride\":" + stride + ",\"padding\":" + padding;
  }

  private static String conv(
      long inputs, long outputs, long kernel, long stride, long padding, long groups) {
    return ",\"inputs\":%s,\"outputs\":%s,\"kernelHeight\":%s,\"kernelWidth\":%s,\"stride\":%s,\"padding\":%s,\"groups\":%s,\"bias\":true"
        .formatted(inputs, outputs, kernel, kernel, stride, padding, groups);
  }

  /** Any text as a graph, in a file that has the tensors which that graph asks for. */
  @MethodSource("graphs")
  @FuzzTest
  void anyGraph(byte[] text) throws Exception {
    read(new String(text, StandardCharsets.UTF_8), PIXELS, "[\"a\",\"b\"]", "{}");
  }

  static Stream<Arguments> choices() {
    return Seeds.random(5);
  }

  /** Graphs whose nodes fit each other, but for what the bytes decide. */
  @MethodSource("choices")
  @FuzzTest
  void networks(byte[] bytes) throws Exception {
    read(graph(new Choices(bytes)), PIXELS, "[\"a\",\"b\"]", "{}");
  }

  /** A small network with other strings among the metadata. */
  @MethodSource("choices")
  @FuzzTest
  void metadata(byte[] bytes) throws Exception {
    Choices choose = new Choices(bytes);
    String graph =
        "{\"input\":[2],\"nodes\":["
            + node("n1", "input", "linear", ",\"inputs\":2,\"outputs\":2")
            + "]}";
    String table =
        "{\"columns\":[{\"name\":\"x\",\"mean\":0,\"deviation\":1},{\"name\":\"y\",\"mean\":-1.5,\"deviation\":2}]}";
    String channels = "{\"channels\":[" + PIXELS + "," + PIXELS + "," + PIXELS + "]}";
    read(
        changed(graph, choose),
        changed(choose.oneOf(table, PIXELS, channels), choose),
        changed("[\"a\",\"b\"]", choose),
        changed("{\"seed\":\"1\",\"recipe\":\"{}\"}", choose));
  }

  @Test
  void manyModels() {
    Seeds.tryRandom(1000, this::networks);
    Seeds.tryRandom(1000, this::metadata);
  }

  @Test
  void graphsThatFitAreTaken() throws Exception {
    int taken = 0;
    for (int kind = 0; kind < KINDS.length; kind++) {
      byte[] oneNode = {0, 0, 0, 0, 1, 0, 0, (byte) kind};
      taken += read(graph(new Choices(oneNode)), PIXELS, "[\"a\",\"b\"]", "{}") ? 1 : 0;
    }
    assertTrue(taken >= KINDS.length - 2, taken + " of " + KINDS.length + " kinds of nodes fit");
  }

  private static String changed(String json, Choices choose) {
    StringBuilder text = new StringBuilder(json);
    for (int n = choose.below(3); n > 0; n--) {
      int at = choose.below(text.length());
      int to = Math.min(text.length(), at + choose.below(8));
      text.replace(at, to, choose.oneIn(3) ? choose.text(8) : choose.oneOf(TOKENS));
    }
    return text.toString();
  }

  /** Returns whether a file with these among its metadata is taken. */
  private static boolean read(String graph, String preprocessing, String classes, String provenance)
      throws Exception {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", "espalier-1");
    metadata.put("graph", graph);
    metadata.put("preprocessing", preprocessing);
    metadata.put("classes", classes);
    metadata.put("provenance", provenance);
    metadata.put(Safetensors.DIGEST, Forgery.NO_DIGEST);
    byte[] file = withTensors(graph, JsonText.of(json -> JsonText.write(json, metadata)));
    byte[] sealed = Forgery.withFittingDigest(file);
    return ParserLaw.holds(
        MOST_MEMORY,
        () -> {
          Model model = ModelFile.model(Safetensors.read("f", sealed));
          checkShapes(model.graph());
          run(model.graph());
        });
  }

  /** What every command asks of a network. */
  private static void checkShapes(Graph graph) {
    assertTrue(graph.parameterCount() >= 0);
    assertTrue(graph.multiplyAdds() >= 0);
    for (Node node : graph.nodes()) {
      double size = 1;
      for (int d : graph.shapeOf(node.name()).dims()) {
        assertTrue(d > 0, node.toString());
        size *= d;
      }
      assertTrue(size == graph.shapeOf(node.name()).size(), node.toString());
    }
  }

  /** Small networks that are taken can be run, however far their windows reach. */
  private static void run(Graph graph) {
    long size = graph.inputShape().size();
    for (Node node : graph.nodes()) {
      size += graph.shapeOf(node.name()).size();
    }
    if (size <= LARGEST_TENSOR) {
      PlanOptions dense = PlanOptions.defaults().withKernel(WeightFormat.DENSE).withMaxBatch(1);
      float[] x = new float[graph.inputShape().size()];
      float[] y = new float[graph.outputShape().size()];
      Plan.compile(graph, dense).session().run(1, x, y);
    }
  }

  /** Adds zeros for each parameter that the reader believes the graph to have, if they are few. */
  private static byte[] withTensors(String graph, String metadata) {
    StringBuilder header = new StringBuilder("{\"__metadata__\":").append(metadata);
    ByteArrayOutputStream data = new ByteArrayOutputStream();
    List<GraphJson.Wanted> wanted = new ArrayList<>();
    try {
      wanted.addAll(GraphJson.parse("f", graph).parameters());
    } catch (InputException e) {
      // the reader will say so
    }
    for (GraphJson.Wanted p : wanted) {
      long size = p.shape().size();
      if (size < 0 || data.size() + 4 * size > 4 * LARGEST_TENSOR) {
        continue;
      }
      header
          .append(',')
          .append(JsonText.of(json -> json.writeString(p.name())))
          .append(":{\"dtype\":\"F32\",\"shape\":")
          .append(dims(p.shape()))
          .append(",\"data_offsets\":[")
          .append(data.size());
      data.writeBytes(new byte[(int) (4 * size)]);
      header.append(',').append(data.size()).append("]}");
    }
    return Forgery.file(header.append('}').toString(), data.toByteArray());
  }

  private static String dims(Shape shape) {
    return JsonText.of(json -> json.writeArray(shape.dims(), 0, shape.rank()));
  }

  /** The shape behind the nodes so far, as it should be: it decides for what fits. */
  private static final class Maps {
    private long channels = 2;
    private long height = 4;
    private long width = 4;

    private long size() {
      return channels * height * width;
    }
  }

  private static String graph(Choices choose) {
    int odd = 24; // one field in so many is not what fits
    Maps maps = new Maps();
    String input =
        choose.oneIn(8)
            ? "[" + choose.edge() + (choose.oneIn(2) ? "," + choose.edge() : "") + "]"
            : "[%s,%s,%s]"
                .formatted(
                    choose.mostly(maps.channels, odd),
                    choose.mostly(maps.height, odd),
                    choose.mostly(maps.width, odd));
    List<String> names = new ArrayList<>(List.of("input"));
    List<String> nodes = new ArrayList<>();
    for (int n = choose.below(8); n > 0; n--) {
      String name = choose.oneIn(odd) ? choose.oneOf(names) : "n" + n;
      String from = choose.oneIn(odd) ? choose.oneOf(names) : names.getLast();
      String kind = KINDS[choose.below(KINDS.length)];
      nodes.add(node(name, from, kind, fields(kind, maps, names, choose, odd)));
      names.add(name);
    }
    if (!choose.oneIn(8)) {
      nodes.add(node("flat", names.getLast(), "flatten", ""));
      String fields = ",\"inputs\":" + choose.mostly(maps.size(), odd) + ",\"outputs\":2";
      nodes.add(node("logits", "flat", "linear", fields));
    }
    return "{\"input\":" + input + ",\"nodes\":[" + String.join(",", nodes) + "]}";
  }

  private static String fields(
      String kind, Maps maps, List<String> names, Choices choose, int odd) {
    switch (kind) {
      case "linear" -> {
        long inputs = choose.mostly(maps.size(), odd);
        maps.channels = choose.mostly(1 + choose.below(8), odd);
        maps.height = 1;
        maps.width = 1;
        return ",\"inputs\":" + inputs + ",\"outputs\":" + maps.channels;
      }
      case "conv2d" -> {
        long inputs = choose.mostly(maps.channels, odd);
        maps.channels = choose.mostly(2 * (1 + choose.below(4)), odd);
        return conv(
            inputs,
            maps.channels,
            choose.mostly(3, odd),
            choose.mostly(1, odd),
            choose.mostly(1, odd),
            choose.mostly(1 + choose.below(2), odd));
      }
      case "batch_norm" -> {
        return ",\"channels\":%s,\"momentum\":%s,\"epsilon\":%s"
            .formatted(
                choose.mostly(maps.channels, odd),
                choose.oneOf("0.9", "0.9", "1", "-1", "1e400"),
                choose.oneOf("1e-5", "1e-5", "0", "1e-400", "1e308"));
      }
      case "max_pool", "average_pool" -> {
        long kernel = choose.mostly(1 + choose.below(2), odd);
        long stride = choose.mostly(1, odd);
        maps.height = Math.max(1, maps.height - kernel + 1);
        maps.width = Math.max(1, maps.width - kernel + 1);
        return window(kernel, stride, choose.mostly(0, odd));
      }
      case "global_average_pool" -> {
        maps.height = 1;
        maps.width = 1;
        return "";
      }
      case "flatten" -> {
        maps.channels = maps.size();
        maps.height = 1;
        maps.width = 1;
        return "";
      }
      case "add" -> {
        return ",\"other\":\"" + choose.oneOf(names.reversed()) + "\"";
      }
      case "activation" -> {
        return ",\"function\":\"%s\",\"a\":%s,\"b\":%s"
            .formatted(
                choose.oneOf("gelu", "clip", "celu", "swish", "log", "reciprocal"),
                choose.oneOf("0", "1", "\"-infinity\"", "1e-44", "-1e38"),
                choose.oneOf("1", "0", "\"infinity\"", "1e39"));
      }
      case "binary" -> {
        return ",\"function\":\"%s\",\"other\":\"%s\""
            .formatted(
                choose.oneOf("max", "pow", "div", "equal", "prelu"),
                choose.oneOf(names.reversed()));
      }
      case "slice" -> {
        String fields = axis("\"start\":%s,\"step\":%s,\"size\":%s");
        long size = choose.mostly(maps.height, odd);
        return fields.formatted(choose.mostly(0, odd), choose.mostly(1, odd), size);
      }
      case "gather" -> {
        long first = choose.mostly(0, odd);
        maps.height = 2;
        return axis("\"indices\":[" + first + "," + choose.mostly(0, odd) + "]");
      }
      case "pad" -> {
        long more = choose.mostly(0, odd);
        return pad(choose.oneOf("constant", "edge", "reflect", "wrap"), more);
      }
      case "transpose" -> {
        long height = maps.height;
        maps.height = maps.width;
        maps.width = height;
        return ",\"axes\":[0,2," + choose.mostly(1, odd) + "]";
      }
      case "reshape", "expand" -> {
        return ",\"shape\":[%s,%s,%s]"
            .formatted(
                choose.mostly(maps.channels, odd),
                choose.mostly(maps.height, odd),
                choose.mostly(maps.width, odd));
      }
      case "reduce" -> {
        maps.height = 1;
        return ",\"function\":\"%s\",\"axes\":[%s],\"keep\":true"
            .formatted(choose.oneOf("log_sum_exp", "prod", "max"), choose.mostly(1, odd));
      }
      case "softmax" -> {
        return axis("\"log\":" + choose.oneOf("false", "true"));
      }
      case "standardize" -> {
        return ",\"axes\":[%s],\"epsilon\":%s"
            .formatted(choose.mostly(2, odd), choose.oneOf("1e-5", "0", "-1", "1e308"));
      }
      case "local_response" -> {
        return local(choose.mostly(3, odd));
      }
      case "resize" -> {
        long height = choose.mostly(maps.height, odd);
        String sizes = "[%s,%s,%s]".formatted(maps.channels, height, maps.width);
        return resize(sizes, "[1," + choose.oneOf("1", "1e-30", "1e30", "0") + ",1]");
      }
      case "conv_transpose2d" -> {
        long inputs = choose.mostly(maps.channels, odd);
        maps.channels = choose.mostly(2, odd);
        // One row is cut off below.
        return transpose(inputs, maps.channels, choose.mostly(1, odd), choose.mostly(1, odd));
      }
      case "shortcut" -> {
        maps.channels = choose.mostly(maps.channels + choose.below(3), odd);
        return ",\"outputs\":" + maps.channels + ",\"stride\":" + choose.mostly(1, odd);
      }
      default -> {
        return "";
      }
    }
  }
}
