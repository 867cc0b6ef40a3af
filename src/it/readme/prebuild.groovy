// Writes a class with the Java of the README, the names that it takes as given as its parameters.
String readme = new File(basedir, '../../../README.md').getText('UTF-8')
List<String> samples = (readme =~ /(?s)```java\n(.*?)```/).collect { it[1] }
File sources = new File(basedir, 'src/main/java/org/example/readme')
sources.mkdirs()
new File(sources, 'Samples.java').setText("""\
package org.example.readme;

import java.util.Set;
import module org.espalier;

class Samples {
${samples.withIndex().collect { sample, i -> """\
  static void sample${i}(
      long seed, TrainOptions options, Dataset train, Dataset test, Preprocessing preprocessing,
      ThreadPool workers, int batch, float[] images, float[] logits) {
${sample}  }
""" }.join('\n')}}
""", 'UTF-8')
return !samples.isEmpty()
