package org.espalier.io.onnx.translate;

import java.util.Map;
import java.util.Optional;

/**
 * An ONNX graph that has been translated.
 *
 * @param emitter what computes it
 * @param inputs by name, in order
 * @param outputs by name, in order
 * @param batched whether the batch is free
 * @param fixed if it isn't, why not
 */
record Translated(
    Emitter emitter,
    Map<String, Value.Computed> inputs,
    Map<String, Value> outputs,
    boolean batched,
    Optional<String> fixed) {}
