/**
 * The kernels of a model measured on this machine, and the file that keeps what repeats, is
 * plausible and was not disturbed.
 */
package org.espalier.experiment.tune;
