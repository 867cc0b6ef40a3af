// The image is the first ankle boot of Fashion-MNIST's test data, by its label 9.
String log = new File(basedir, 'build.log').getText('UTF-8')
return log.contains('It shows: Ankle boot') && log.contains('Lean: [espalier, jackson-core]')
