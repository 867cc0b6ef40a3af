/** Our kernels beside native libraries, in one JVM by turns; built by the profile {@code peers}. */
package org.espalier.peers;
