/**
 * What this computer and its JVM are and are doing: processors, caches, options, whether a fused
 * multiply-add is an instruction, and how busy compilers and other programs are. The only package
 * that reads {@code /proc} and {@code /sys} for what is measured or chosen. Imports nothing of the
 * project but its exception.
 */
@Internal
package org.espalier.machine;

import org.espalier.Internal;
