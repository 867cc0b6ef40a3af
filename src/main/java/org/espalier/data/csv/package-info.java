/**
 * Tables of text: {@link org.espalier.data.csv.CsvData} finds out separator, header, kinds of
 * columns and the label, and makes examples of the rows by rules that the model keeps.
 */
package org.espalier.data.csv;
