/**
 * What the fuzz targets share. They lie beside the parsers, in classes that end in {@code
 * FuzzTest}; an ordinary run of the tests replays their seeds, {@code .ci/fuzz} looks for more.
 */
package org.espalier.fuzz;
