package org.espalier.io.onnx;

/**
 * What has been written.
 *
 * @param bytes of the file
 * @param weights how many weights there are
 * @param sparse how many of them without their zeros
 * @param fp16 how many of them as halves
 * @param int8 how many of them as bytes
 */
public record OnnxSummary(long bytes, int weights, int sparse, int fp16, int int8) {}
