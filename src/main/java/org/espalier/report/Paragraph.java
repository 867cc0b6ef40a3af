package org.espalier.report;

/**
 * A paragraph.
 *
 * @param text plain text; nothing in it is taken as markup
 */
public record Paragraph(String text) implements Block {}
