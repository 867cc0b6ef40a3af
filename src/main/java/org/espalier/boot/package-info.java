/**
 * What {@code java -jar} starts, compiled for Java 11: it finds a JDK 25 and runs the program
 * there.
 */
package org.espalier.boot;
