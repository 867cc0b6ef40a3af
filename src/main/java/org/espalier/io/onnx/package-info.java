/**
 * ONNX, the exchange format that other programs read: {@link org.espalier.io.onnx.OnnxFile} writes
 * a graph, if asked for with its preprocessing. The few messages of the format are put together by
 * hand, so that no library for Protocol Buffers is needed. May import {@code io}, {@code model} and
 * {@code tensor}.
 */
package org.espalier.io.onnx;
