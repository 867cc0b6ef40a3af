/** What commands print on: standard streams that notice when they can't, rows, progress. */
package org.espalier.cli.output;
