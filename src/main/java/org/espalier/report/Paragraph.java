package org.espalier.report;

/**
 * A paragraph.
 *
 * @param text plain text; nothing in it is taken as markup
 */
record Paragraph(String text) implements Block {}
