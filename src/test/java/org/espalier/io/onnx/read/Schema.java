package org.espalier.io.onnx.read;

import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Label;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto.Type;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.DescriptorValidationException;
import com.google.protobuf.Descriptors.FileDescriptor;

/** What the format says of its messages, for protobuf-java: a * stands for a list. */
final class Schema {
  private static final String MESSAGES =
      """
      Model: 1 int64 ir_version, 2 string producer_name, 3 string producer_version, 7 Graph graph, \
      8 OpsetId* opset_import, 14 Entry* metadata_props
      OpsetId: 1 string domain, 2 int64 version
      Entry: 1 string key, 2 string value
      Graph: 1 Node* node, 2 string name, 5 Tensor* initializer, 11 Value* input, 12 Value* output, \
      13 Value* value_info, 15 Sparse* sparse_initializer
      Node: 1 string* input, 2 string* output, 3 string name, 4 string op_type, \
      5 Attribute* attribute, 7 string domain
      Attribute: 1 string name, 2 float f, 3 int64 i, 4 bytes s, 5 Tensor t, 6 Graph g, \
      7 float* floats, 8 int64* ints, 9 bytes* strings, 20 int32 type, 22 Sparse sparse_tensor
      Tensor: 1 int64* dims, 2 int32 data_type, 4 float* float_data, 5 int32* int32_data, \
      7 int64* int64_data, 8 string name, 9 bytes raw_data, 10 double* double_data, \
      11 uint64* uint64_data
      Sparse: 1 Tensor values, 2 Tensor indices, 3 int64* dims
      Value: 1 string name, 2 Type type
      Type: 1 TensorType tensor_type
      TensorType: 1 int32 elem_type, 2 Shape shape
      Shape: 1 Dim* dim
      Dim: 1 int64 dim_value, 2 string dim_param
      """;

  private static final FileDescriptor FILE = file();

  private Schema() {}

  /** Returns a message's description. */
  static Descriptor of(String message) {
    return FILE.findMessageTypeByName(message);
  }

  private static FileDescriptor file() {
    FileDescriptorProto.Builder file =
        FileDescriptorProto.newBuilder().setName("onnx").setSyntax("proto3");
    MESSAGES
        .lines()
        .forEach(
            line -> {
              String[] parts = line.split(": ");
              DescriptorProto.Builder message = DescriptorProto.newBuilder().setName(parts[0]);
              for (String field : parts[1].split(", ")) {
                message.addField(field(field.split(" ")));
              }
              file.addMessageType(message);
            });
    try {
      return FileDescriptor.buildFrom(file.build(), new FileDescriptor[0]);
    } catch (DescriptorValidationException e) {
      throw new AssertionError(e);
    }
  }

  private static FieldDescriptorProto.Builder field(String... words) {
    boolean isList = words[1].endsWith("*");
    String type = words[1].replace("*", "");
    FieldDescriptorProto.Builder field =
        FieldDescriptorProto.newBuilder()
            .setNumber(Integer.parseInt(words[0]))
            .setName(words[2])
            .setLabel(isList ? Label.LABEL_REPEATED : Label.LABEL_OPTIONAL);
    return switch (type) {
      case "int32" -> field.setType(Type.TYPE_INT32);
      case "int64" -> field.setType(Type.TYPE_INT64);
      case "uint64" -> field.setType(Type.TYPE_UINT64);
      case "float" -> field.setType(Type.TYPE_FLOAT);
      case "double" -> field.setType(Type.TYPE_DOUBLE);
      case "string" -> field.setType(Type.TYPE_STRING);
      case "bytes" -> field.setType(Type.TYPE_BYTES);
      default -> field.setType(Type.TYPE_MESSAGE).setTypeName(type);
    };
  }
}
