package org.espalier.io.onnx.read;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.espalier.InputException;
import org.jspecify.annotations.Nullable;

/**
 * A node of an ONNX graph. Asking for an attribute of another kind than it is of is refused, with
 * file, node and attribute in the message.
 */
public final class OnnxNode {
  private final Object above;
  private final String name;
  private final OperatorKey operator;
  private final long opset;
  private final List<String> inputs;
  private final List<String> outputs;
  private final Map<String, OnnxAttribute> attributes;

  OnnxNode(
      Object above,
      String name,
      OperatorKey operator,
      long opset,
      List<String> inputs,
      List<String> outputs,
      Map<String, OnnxAttribute> attributes) {
    this.above = above;
    this.name = name;
    this.operator = operator;
    this.opset = opset;
    this.inputs = inputs;
    this.outputs = outputs;
    this.attributes = attributes;
  }

  /**
   * Returns its name. Several nodes may have the same; one without a name is called after its
   * operator and first output.
   */
  public String name() {
    if (!name.isEmpty()) {
      return name;
    }
    String output = outputs.stream().filter(o -> !o.isEmpty()).findFirst().orElse("");
    return output.isEmpty() ? opType() : opType() + " " + output;
  }

  /** Returns the name in the file, which may be empty. */
  String writtenName() {
    return name;
  }

  /** Returns the operator's name. */
  public String opType() {
    return operator.name();
  }

  /** Returns the operator's domain; that of ONNX itself is empty. */
  public String domain() {
    return operator.domain();
  }

  OperatorKey operator() {
    return operator;
  }

  /** Returns the version of the domain's operators by which it was written; 0 if none is stated. */
  public long opset() {
    return opset;
  }

  /** Returns the names of the values it reads; an empty one stands for what is left out. */
  public List<String> inputs() {
    return inputs;
  }

  /** Returns whether it has an input at a place. */
  public boolean hasInput(int i) {
    return i < inputs.size() && !inputs.get(i).isEmpty();
  }

  /** Returns the names of the values it writes; an empty one stands for what nobody needs. */
  public List<String> outputs() {
    return outputs;
  }

  /** Returns the file and the node, for messages. */
  public String where() {
    return place().toString();
  }

  private Place place() {
    String made = name();
    return new Place(above, "node " + (name.isEmpty() ? made : made + " (" + opType() + ")"));
  }

  Map<String, OnnxAttribute> attributes() {
    return attributes;
  }

  /** Returns the names of its attributes, in the order of the file. */
  public Set<String> attributeNames() {
    return attributes.keySet();
  }

  /** Returns whether it has an attribute. */
  public boolean has(String attribute) {
    return attributes.containsKey(attribute);
  }

  /** Returns what an attribute holds; {@link AttributeKind#UNDEFINED} if it isn't there. */
  public AttributeKind kind(String attribute) {
    OnnxAttribute found = attributes.get(attribute);
    return found == null ? AttributeKind.UNDEFINED : found.kind();
  }

  private Place place(String attribute) {
    return new Place(place(), "attribute " + attribute);
  }

  /**
   * Returns a whole number.
   *
   * @param missing what holds if there is no such attribute
   * @throws InputException if it is of another kind
   */
  public long integer(String attribute, long missing) {
    OnnxAttribute found = attributes.get(attribute);
    return found == null ? missing : found.integer(place(attribute));
  }

  /** Returns a number, otherwise like {@link #integer}. */
  public float real(String attribute, float missing) {
    OnnxAttribute found = attributes.get(attribute);
    return found == null ? missing : found.real(place(attribute));
  }

  /** Returns a text, otherwise like {@link #integer}. */
  public String text(String attribute, String missing) {
    OnnxAttribute found = attributes.get(attribute);
    return found == null ? missing : found.text(place(attribute));
  }

  /**
   * Returns whole numbers, if there is such an attribute.
   *
   * @throws InputException if it is of another kind
   */
  public Optional<long[]> integers(String attribute) {
    return find(attribute).map(found -> found.integers(place(attribute)));
  }

  /** Returns numbers, otherwise like {@link #integers}. */
  public Optional<float[]> reals(String attribute) {
    return find(attribute).map(found -> found.reals(place(attribute)));
  }

  /** Returns texts, otherwise like {@link #integers}. */
  public Optional<List<String>> texts(String attribute) {
    return find(attribute).map(found -> found.texts(place(attribute)));
  }

  /** Returns a tensor, sparse or not, otherwise like {@link #integers}. */
  public Optional<OnnxTensor> tensor(String attribute) {
    return find(attribute).map(found -> found.tensor(place(attribute)));
  }

  private Optional<OnnxAttribute> find(String attribute) {
    @Nullable OnnxAttribute found = attributes.get(attribute);
    return Optional.ofNullable(found);
  }

  /** Returns operator, inputs and outputs. */
  @Override
  public String toString() {
    return opType() + inputs + " -> " + outputs;
  }
}
