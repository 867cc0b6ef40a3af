/**
 * PNG and JPEG files: folders of classes, decoding within limits, resizing, and the cache of
 * decoded images. {@link org.espalier.data.image.ImageData} is where a folder of any kind is read.
 */
package org.espalier.data.image;
