/**
 * ONNX graphs become our graphs: node by node by {@link org.espalier.io.onnx.translate.Rule}s, with
 * all that depends on no input computed on the way.
 */
package org.espalier.io.onnx.translate;
