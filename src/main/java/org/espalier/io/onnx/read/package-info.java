/**
 * ONNX files as they are: {@link org.espalier.io.onnx.read.OnnxModel} reads a model and {@link
 * org.espalier.io.onnx.read.OnnxTensor} a single tensor, without a thought of what the operators
 * mean. May import {@code io}, {@code model} and {@code tensor}.
 *
 * <p>The file is mapped, and a tensor is a place in the map: nothing of the weights is copied or
 * even touched before somebody asks for them, and each tensor knows where in the file it lies, so
 * that a file can be given back with other weights and everything else as it was. Protocol Buffers
 * are read by hand: fields with a number and one of four wire types, those that aren't known
 * skipped. For that no library is worth its cost: on a model of 1,746 nodes a reader like this one
 * took 128 to 175 ms from the start of the JVM, protobuf-java 354 to 500 ms, and its light form
 * prints warnings on JDK 25. The tests compare the two.
 *
 * <p>Files are not trusted. A length is compared with what is there before it is followed, numbers
 * are multiplied exactly, what is counted has a limit ({@link org.espalier.io.onnx.read.Source}),
 * and nothing recurses but into functions, so deep. Subgraphs are not looked into. What is wrong
 * with a file is an {@link org.espalier.InputException} that says where.
 */
@Internal
package org.espalier.io.onnx.read;

import org.espalier.Internal;
