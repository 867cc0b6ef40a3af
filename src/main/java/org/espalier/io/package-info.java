/**
 * Files: models and checkpoints, both in the safetensors format; written whole or not at all, and
 * read without trusting a length; and the folder of what is kept to be faster next time. May import
 * {@code model} and {@code tensor}.
 */
package org.espalier.io;
