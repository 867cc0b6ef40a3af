/**
 * Files: models and checkpoints, both in the safetensors format; written whole or not at all, and
 * read without trusting a length. May import {@code model} and {@code tensor}.
 */
package org.espalier.io;
