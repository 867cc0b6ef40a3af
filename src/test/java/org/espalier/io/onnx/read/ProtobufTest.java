package org.espalier.io.onnx.read;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.DynamicMessage;
import com.google.protobuf.InvalidProtocolBufferException;
import java.util.List;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.espalier.io.onnx.OnnxFile;
import org.espalier.io.onnx.OnnxFile.Form;
import org.espalier.io.onnx.SampleGraphs;
import org.espalier.io.onnx.read.OnnxValue.Extent;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Our reader finds what protobuf-java finds, in our files and in those that it writes itself. */
class ProtobufTest {
  @ParameterizedTest
  @EnumSource
  void inFilesOfOurs(Form form) throws InvalidProtocolBufferException {
    compare(OnnxFile.bytes(SampleGraphs.randomized(SampleGraphs.everyOperator(), 3), form));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 5, 8, 13, 21, 34})
  void inFilesOfItsOwn(long seed) throws InvalidProtocolBufferException {
    var random = new SplittableRandom(seed);
    for (int i = 0; i < 50; i++) {
      compare(model(random).toByteArray());
    }
  }

  // Comparing

  private static void compare(byte[] file) throws InvalidProtocolBufferException {
    DynamicMessage expected = DynamicMessage.parseFrom(Schema.of("Model"), file);
    OnnxModel read = OnnxModel.read("f", file);
    assertEquals(get(expected, "ir_version"), read.irVersion());
    String producer = get(expected, "producer_name") + " " + get(expected, "producer_version");
    assertEquals(producer.strip(), read.producer());
    for (DynamicMessage opset : list(expected, "opset_import")) {
      assertEquals(get(opset, "version"), read.opsets().get(get(opset, "domain")));
    }
    var metadata = new TreeMap<>();
    list(expected, "metadata_props").forEach(e -> metadata.put(get(e, "key"), get(e, "value")));
    assertEquals(metadata, read.metadata());
    DynamicMessage graph = message(expected, "graph");
    OnnxNetwork network = read.graph();
    assertEquals(get(graph, "name"), network.name());
    compareValues(list(graph, "input"), network.inputs());
    compareValues(list(graph, "output"), network.outputs());
    compareValues(list(graph, "value_info"), List.copyOf(network.valueInfo().values()));
    List<DynamicMessage> dense = list(graph, "initializer");
    List<DynamicMessage> sparse = list(graph, "sparse_initializer");
    assertEquals(dense.size() + sparse.size(), network.initializers().size());
    dense.forEach(t -> compareTensor(file, t, network.initializers().get(get(t, "name"))));
    for (DynamicMessage s : sparse) {
      DynamicMessage values = message(s, "values");
      compareSparse(file, s, network.initializers().get(get(values, "name")));
    }
    List<DynamicMessage> nodes = list(graph, "node");
    assertEquals(nodes.size(), network.nodes().size());
    for (int i = 0; i < nodes.size(); i++) {
      compareNode(file, nodes.get(i), network.nodes().get(i));
    }
  }

  private static void compareNode(byte[] file, DynamicMessage expected, OnnxNode node) {
    assertEquals(get(expected, "op_type"), node.opType());
    assertEquals(get(expected, "name"), node.writtenName());
    assertEquals(get(expected, "domain"), node.domain());
    assertEquals(get(expected, "input"), node.inputs());
    assertEquals(get(expected, "output"), node.outputs());
    assertEquals(list(expected, "attribute").size(), node.attributeNames().size());
    for (DynamicMessage attribute : list(expected, "attribute")) {
      String name = (String) get(attribute, "name");
      AttributeKind kind = AttributeKind.of((int) get(attribute, "type"));
      assertEquals(kind, node.kind(name));
      switch (kind) {
        case INT -> assertEquals(get(attribute, "i"), node.integer(name, 77));
        case FLOAT -> assertEquals(get(attribute, "f"), node.real(name, 77));
        case STRING ->
            assertEquals(((ByteString) get(attribute, "s")).toStringUtf8(), node.text(name, "?"));
        case INTS -> assertArrayEquals(longs(attribute, "ints"), node.integers(name).orElseThrow());
        case FLOATS ->
            assertArrayEquals(floats(attribute, "floats"), node.reals(name).orElseThrow());
        case STRINGS ->
            assertEquals(
                ((List<?>) get(attribute, "strings"))
                    .stream().map(s -> ((ByteString) s).toStringUtf8()).toList(),
                node.texts(name).orElseThrow());
        case TENSOR ->
            compareTensor(file, message(attribute, "t"), node.tensor(name).orElseThrow());
        default -> throw new AssertionError(kind);
      }
    }
  }

  private static void compareTensor(byte[] file, DynamicMessage expected, OnnxTensor tensor) {
    assertEquals(get(expected, "name"), tensor.name());
    assertEquals(get(expected, "data_type"), tensor.type().ordinal());
    assertArrayEquals(longs(expected, "dims"), tensor.dims());
    ByteString raw = (ByteString) get(expected, "raw_data");
    if (tensor.storage() instanceof OnnxStorage.InFile(long offset, long length)) {
      assertEquals(raw, ByteString.copyFrom(file, (int) offset, (int) length));
      assertEquals(raw, ByteString.copyFrom(tensor.bytes()));
      return;
    }
    assertTrue(raw.isEmpty());
    switch (tensor.type()) {
      case FLOAT -> assertArrayEquals(floats(expected, "float_data"), tensor.floats());
      case INT64 -> assertArrayEquals(longs(expected, "int64_data"), tensor.integers());
      case UINT32 -> assertArrayEquals(longs(expected, "uint64_data"), tensor.integers());
      case INT8, INT32 -> assertArrayEquals(longs(expected, "int32_data"), tensor.integers());
      case DOUBLE -> assertArrayEquals(floats(expected, "double_data"), tensor.floats());
      default -> throw new AssertionError(tensor);
    }
  }

  private static void compareSparse(byte[] file, DynamicMessage expected, OnnxTensor tensor) {
    assertArrayEquals(longs(expected, "dims"), tensor.dims());
    var sparse = (OnnxStorage.Sparse) tensor.storage();
    compareTensor(file, message(expected, "values"), sparse.values());
    compareTensor(file, message(expected, "indices"), sparse.indices());
    float[] all = tensor.floats();
    float[] values = sparse.values().floats();
    long[] indices = sparse.indices().integers();
    float[] filled = new float[all.length];
    for (int i = 0; i < values.length; i++) {
      filled[(int) indices[i]] = values[i];
    }
    assertArrayEquals(filled, all);
  }

  private static void compareValues(List<DynamicMessage> expected, List<OnnxValue> values) {
    assertEquals(expected.size(), values.size());
    for (int i = 0; i < values.size(); i++) {
      DynamicMessage tensor = message(message(expected.get(i), "type"), "tensor_type");
      OnnxValue value = values.get(i);
      assertEquals(get(expected.get(i), "name"), value.name());
      assertEquals(get(tensor, "elem_type"), value.type().ordinal());
      FieldDescriptor shape = tensor.getDescriptorForType().findFieldByName("shape");
      assertEquals(tensor.hasField(shape), value.shape().isPresent());
      List<DynamicMessage> dims = list(message(tensor, "shape"), "dim");
      List<Extent> extents = value.shape().orElse(List.of());
      assertEquals(dims.size(), extents.size());
      for (int d = 0; d < extents.size(); d++) {
        switch (extents.get(d)) {
          case Extent.Fixed(long size) -> assertEquals(get(dims.get(d), "dim_value"), size);
          case Extent.Symbol(String name) -> assertEquals(get(dims.get(d), "dim_param"), name);
          case Extent.Unknown() -> assertEquals("", get(dims.get(d), "dim_param"));
        }
      }
    }
  }

  private static Object get(DynamicMessage message, String field) {
    return message.getField(message.getDescriptorForType().findFieldByName(field));
  }

  private static DynamicMessage message(DynamicMessage message, String field) {
    return (DynamicMessage) get(message, field);
  }

  private static List<DynamicMessage> list(DynamicMessage message, String field) {
    return ((List<?>) get(message, field)).stream().map(DynamicMessage.class::cast).toList();
  }

  private static long[] longs(DynamicMessage message, String field) {
    return ((List<?>) get(message, field))
        .stream().mapToLong(n -> ((Number) n).longValue()).toArray();
  }

  private static float[] floats(DynamicMessage message, String field) {
    List<?> numbers = (List<?>) get(message, field);
    float[] floats = new float[numbers.size()];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = ((Number) numbers.get(i)).floatValue();
    }
    return floats;
  }

  // Making

  private static DynamicMessage.Builder builder(String message) {
    return DynamicMessage.newBuilder(Schema.of(message));
  }

  private static void put(DynamicMessage.Builder message, String field, Object value) {
    FieldDescriptor descriptor = message.getDescriptorForType().findFieldByName(field);
    Object built = value instanceof DynamicMessage.Builder b ? b.build() : value;
    if (descriptor.isRepeated()) {
      message.addRepeatedField(descriptor, built);
    } else {
      message.setField(descriptor, built);
    }
  }

  private static DynamicMessage model(SplittableRandom random) {
    DynamicMessage.Builder graph = builder("Graph");
    put(graph, "name", text(random));
    put(graph, "input", value(random, "v0"));
    int nodes = random.nextInt(8);
    for (int i = 0; i < nodes; i++) {
      put(graph, "node", node(random, i));
      put(graph, "initializer", tensor(random, "w" + i, true));
      if (random.nextBoolean()) {
        put(graph, "value_info", value(random, "v" + (i + 1)));
      }
    }
    put(graph, "sparse_initializer", sparse(random));
    put(graph, "output", value(random, "v" + nodes));
    DynamicMessage.Builder model = builder("Model");
    put(model, "ir_version", random.nextLong(1, 100));
    put(model, "producer_name", text(random));
    put(model, "graph", graph);
    DynamicMessage.Builder opset = builder("OpsetId");
    put(opset, "version", random.nextLong(0, 1L << random.nextInt(63)));
    put(model, "opset_import", opset);
    DynamicMessage.Builder entry = builder("Entry");
    put(entry, "key", text(random));
    put(entry, "value", text(random));
    put(model, "metadata_props", entry);
    return model.build();
  }

  private static String text(SplittableRandom random) {
    int[] letters = random.ints(random.nextInt(6), 'a', 0x2000).toArray();
    return new String(letters, 0, letters.length);
  }

  private static DynamicMessage.Builder value(SplittableRandom random, String name) {
    DynamicMessage.Builder tensor = builder("TensorType");
    put(tensor, "elem_type", random.nextInt(ElementType.count()));
    if (random.nextInt(4) > 0) {
      DynamicMessage.Builder shape = builder("Shape");
      for (int d = random.nextInt(4); d > 0; d--) {
        DynamicMessage.Builder dim = builder("Dim");
        switch (random.nextInt(3)) {
          case 0 -> put(dim, "dim_value", random.nextLong(1, Long.MAX_VALUE));
          case 1 -> put(dim, "dim_param", text(random));
          default -> {}
        }
        put(shape, "dim", dim);
      }
      put(tensor, "shape", shape);
    }
    DynamicMessage.Builder type = builder("Type");
    put(type, "tensor_type", tensor);
    DynamicMessage.Builder value = builder("Value");
    put(value, "name", name);
    put(value, "type", type);
    return value;
  }

  private static DynamicMessage.Builder node(SplittableRandom random, int i) {
    DynamicMessage.Builder node = builder("Node");
    put(node, "input", "v" + random.nextInt(i + 1));
    put(node, "input", random.nextBoolean() ? "" : "w" + i);
    put(node, "output", "v" + (i + 1));
    put(node, "name", text(random));
    put(node, "op_type", "Op");
    put(node, "domain", text(random));
    for (int a = random.nextInt(5); a > 0; a--) {
      put(node, "attribute", attribute(random, "a" + a));
    }
    return node;
  }

  private static DynamicMessage.Builder attribute(SplittableRandom random, String name) {
    DynamicMessage.Builder attribute = builder("Attribute");
    put(attribute, "name", name);
    AttributeKind kind = AttributeKind.of(random.nextInt(1, 9));
    int count = random.nextInt(4);
    switch (kind) {
      case INT -> put(attribute, "i", number(random));
      case FLOAT -> put(attribute, "f", (float) random.nextInt(3));
      case STRING -> put(attribute, "s", ByteString.copyFromUtf8(text(random)));
      case TENSOR -> put(attribute, "t", tensor(random, "", true));
      case FLOATS -> random.doubles(count).forEach(f -> put(attribute, "floats", (float) f));
      case INTS -> random.longs(count).forEach(n -> put(attribute, "ints", n));
      case STRINGS -> put(attribute, "strings", ByteString.copyFromUtf8(text(random)));
      default -> kind = AttributeKind.INTS; // subgraphs are for others
    }
    put(attribute, "type", kind.ordinal());
    return attribute;
  }

  /** Returns a number of any length on the wire. */
  private static long number(SplittableRandom random) {
    return random.nextLong() >> random.nextInt(64);
  }

  private static DynamicMessage.Builder tensor(SplittableRandom random, String name, boolean any) {
    DynamicMessage.Builder tensor = builder("Tensor");
    int size = 1;
    for (int d = any ? random.nextInt(4) : 1; d > 0; d--) {
      int dim = random.nextInt(4);
      size *= dim;
      put(tensor, "dims", (long) dim);
    }
    fill(random, tensor, size);
    put(tensor, "name", name);
    return tensor;
  }

  private static void fill(SplittableRandom random, DynamicMessage.Builder tensor, int size) {
    ElementType type =
        List.of(
                ElementType.FLOAT,
                ElementType.INT64,
                ElementType.UINT32,
                ElementType.INT8,
                ElementType.INT32,
                ElementType.DOUBLE)
            .get(random.nextInt(6));
    put(tensor, "data_type", type.ordinal());
    if (random.nextBoolean()) {
      byte[] raw = new byte[(int) type.bytes(size)];
      random.nextBytes(raw);
      put(tensor, "raw_data", ByteString.copyFrom(raw));
      return;
    }
    for (int i = 0; i < size; i++) {
      switch (type) {
        case FLOAT -> put(tensor, "float_data", (float) number(random));
        case INT64 -> put(tensor, "int64_data", number(random));
        case UINT32 -> put(tensor, "uint64_data", number(random) >>> 32);
        case INT8 -> put(tensor, "int32_data", (int) (byte) number(random));
        case INT32 -> put(tensor, "int32_data", (int) number(random));
        case DOUBLE -> put(tensor, "double_data", (double) number(random));
        default -> throw new AssertionError(type);
      }
    }
  }

  private static DynamicMessage.Builder sparse(SplittableRandom random) {
    DynamicMessage.Builder values = tensor(random, "s", false);
    long n = (long) values.getRepeatedField(Schema.of("Tensor").findFieldByName("dims"), 0);
    DynamicMessage.Builder indices = builder("Tensor");
    put(indices, "dims", n);
    put(indices, "data_type", ElementType.INT64.ordinal());
    long place = 0;
    for (int i = 0; i < n; i++) {
      place += random.nextInt(1, 3);
      put(indices, "int64_data", place);
    }
    DynamicMessage.Builder sparse = builder("Sparse");
    put(sparse, "values", values);
    put(sparse, "indices", indices);
    put(sparse, "dims", 2L);
    put(sparse, "dims", place + 1);
    return sparse;
  }
}
