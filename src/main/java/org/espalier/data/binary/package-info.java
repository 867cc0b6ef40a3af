/**
 * Images as raw bytes: IDX, which MNIST made known, the binary files of CIFAR, and the embedded
 * part of Fashion-MNIST.
 */
package org.espalier.data.binary;
