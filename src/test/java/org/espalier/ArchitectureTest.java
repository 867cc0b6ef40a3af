package org.espalier;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Holds the arrows between the packages: they never turn back. */
@AnalyzeClasses(packages = "org.espalier", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule ARROWS_NEVER_TURN_BACK =
      layeredArchitecture()
          .consideringOnlyDependenciesInLayers()
          .withOptionalLayers(true)
          .layer("boot")
          .definedBy("org.espalier.boot..")
          .layer("cli")
          .definedBy("org.espalier.cli..")
          .layer("report")
          .definedBy("org.espalier.report..")
          .layer("experiment")
          .definedBy("org.espalier.experiment..")
          .layer("work")
          .definedBy(
              "org.espalier.train..",
              "org.espalier.prune..",
              "org.espalier.infer..",
              "org.espalier.data..",
              "org.espalier.io..")
          .layer("method")
          .definedBy("org.espalier.sparsify..", "org.espalier.op..", "org.espalier.rewrite..")
          .layer("model")
          .definedBy("org.espalier.model..")
          .layer("kernel")
          .definedBy("org.espalier.kernel..")
          .layer("sparse")
          .definedBy("org.espalier.sparse..")
          .layer("tensor")
          .definedBy("org.espalier.tensor..")
          .whereLayer("boot")
          .mayNotBeAccessedByAnyLayer()
          .whereLayer("cli")
          .mayOnlyBeAccessedByLayers("boot")
          .whereLayer("report")
          .mayOnlyBeAccessedByLayers("cli")
          .whereLayer("experiment")
          .mayOnlyBeAccessedByLayers("cli", "report")
          .whereLayer("work")
          .mayOnlyBeAccessedByLayers("cli", "report", "experiment")
          .whereLayer("method")
          .mayOnlyBeAccessedByLayers("cli", "report", "experiment", "work")
          .whereLayer("model")
          .mayOnlyBeAccessedByLayers("cli", "report", "experiment", "work", "method")
          .whereLayer("kernel")
          .mayOnlyBeAccessedByLayers("cli", "report", "experiment", "work", "method", "model")
          .whereLayer("sparse")
          .mayOnlyBeAccessedByLayers(
              "cli", "report", "experiment", "work", "method", "model", "kernel");

  @ArchTest
  static final ArchRule INFERENCE_KNOWS_NO_TRAINING =
      noClasses()
          .that()
          .resideInAnyPackage("org.espalier.infer..", "org.espalier.rewrite..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.espalier.train..", "org.espalier.sparsify..", "org.espalier.op..");

  /** Kernels are chosen by estimates, or by times that were taken before. */
  @ArchTest
  static final ArchRule INFERENCE_READS_NO_CLOCK =
      noClasses()
          .that()
          .resideInAPackage("org.espalier.infer..")
          .should()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(System.class, "currentTimeMillis");

  @ArchTest
  static final ArchRule ONLY_SIMD_USES_THE_VECTOR_API =
      noClasses()
          .that()
          .resideOutsideOfPackage("org.espalier.kernel.simd..")
          .should()
          .dependOnClassesThat()
          .resideInAPackage("jdk.incubator.vector..");

  /** With vectors of two widths in one JVM the compiler may box: see the package of the kernels. */
  @ArchTest
  static final ArchRule ONLY_LANES_CHOOSES_A_SPECIES =
      noClasses()
          .that()
          .doNotHaveFullyQualifiedName("org.espalier.kernel.simd.Lanes")
          .should()
          .accessFieldWhere(target(nameMatching("SPECIES_.*")))
          .orShould()
          .callMethodWhere(
              target(nameMatching("of.*"))
                  .and(target(owner(nameMatching(".*[.](VectorSpecies|VectorShape)")))));

  @ArchTest
  static final ArchRule ONLY_KERNELS_NAMES_SIMD =
      noClasses()
          .that()
          .resideOutsideOfPackages("org.espalier.kernel.simd..")
          .and()
          .doNotHaveFullyQualifiedName("org.espalier.kernel.Kernels")
          .and()
          .doNotHaveFullyQualifiedName("org.espalier.kernel.KernelChoice") // asks for the width
          .should()
          .dependOnClassesThat()
          .resideInAPackage("org.espalier.kernel.simd..");

  @ArchTest
  static final ArchRule ONLY_THE_COMMAND_LINE_EXITS =
      noClasses()
          .that()
          .resideOutsideOfPackages("org.espalier.cli..", "org.espalier.boot..")
          .should()
          .callMethod(System.class, "exit", int.class);
}
