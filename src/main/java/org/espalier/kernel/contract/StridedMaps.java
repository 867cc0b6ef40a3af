package org.espalier.kernel.contract;

/**
 * Maps that a window with strides makes of others: output pixel {@code (r, c)} reads where {@code
 * r·rowStep + c·pixelStep} says.
 *
 * @param lanes floats of a pixel: 1 or 16
 * @param rows of the output
 * @param columns of the output
 * @param rowStep floats of the input from one row of outputs to the next
 * @param pixelStep floats of the input from one output to the next, a multiple of the lanes
 * @param ldRow floats from one row of the output to the next
 */
public record StridedMaps(
    int lanes, int rows, int columns, int rowStep, int pixelStep, int ldRow) {}
