package org.espalier;

import static com.tngtech.archunit.core.domain.JavaAccess.Predicates.target;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.core.domain.properties.HasOwner.Predicates.With.owner;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Holds the arrows between the packages: they never turn back. */
@AnalyzeClasses(packages = "org.espalier", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String ROOT = "org.espalier";

  /** The rooms, from the top floor down, and what each may import besides the root package. */
  private static final Map<String, List<String>> ROOMS = new LinkedHashMap<>();

  private static final List<String> GROUND = List.of("tensor", "parallel", "machine");
  private static final List<String> KERNELS = with(GROUND, "kernel", "sparse");

  static {
    ROOMS.put("boot", List.of());
    List<String> work = with(KERNELS, "model", "op", "rewrite", "sparsify", "io", "data");
    work = with(work, "train", "prune", "infer", "reference");
    ROOMS.put("cli", with(work, "experiment", "report", "doctor"));
    ROOMS.put("report", with(work, "experiment", "doctor"));
    ROOMS.put("experiment", with(work, "doctor"));
    ROOMS.put("train", with(KERNELS, "data", "io", "sparsify", "op", "model"));
    ROOMS.put("prune", with(KERNELS, "sparsify", "rewrite", "infer", "model"));
    ROOMS.put("infer", with(KERNELS, "rewrite", "reference", "io", "model"));
    ROOMS.put("data", with(GROUND, "kernel", "io", "model"));
    ROOMS.put("io", List.of("reference", "model", "tensor"));
    ROOMS.put("sparsify", with(KERNELS, "op", "model"));
    ROOMS.put("op", with(KERNELS, "model"));
    ROOMS.put("rewrite", List.of("reference", "model", "tensor"));
    ROOMS.put("reference", List.of("kernel", "model", "tensor"));
    ROOMS.put("model", List.of("kernel", "tensor"));
    ROOMS.put("doctor", KERNELS);
    ROOMS.put("kernel", with(GROUND, "sparse"));
    ROOMS.put("sparse", List.of("tensor"));
    ROOMS.put("tensor", List.of());
    ROOMS.put("parallel", List.of());
    ROOMS.put("machine", List.of());
  }

  private static List<String> with(List<String> rooms, String... more) {
    return Stream.concat(rooms.stream(), Stream.of(more)).toList();
  }

  @ArchTest
  static void eachRoomImportsOnlyWhatItMay(JavaClasses classes) {
    ROOMS.forEach(
        (room, allowed) -> {
          List<String> packages = new ArrayList<>(List.of(ROOT, ROOT + "." + room + ".."));
          allowed.forEach(name -> packages.add(ROOT + "." + name + ".."));
          classes()
              .that()
              .resideInAPackage(ROOT + "." + room + "..")
              .should()
              .onlyDependOnClassesThat(
                  resideOutsideOfPackage(ROOT + "..")
                      .or(resideInAnyPackage(packages.toArray(String[]::new))))
              .check(classes);
        });
  }

  @ArchTest
  static void everyPackageIsARoom(JavaClasses classes) {
    classes()
        .should()
        .resideInAnyPackage(
            Stream.concat(Stream.of(ROOT), ROOMS.keySet().stream().map(r -> ROOT + "." + r + ".."))
                .toArray(String[]::new))
        .check(classes);
  }

  @ArchTest
  static final ArchRule ROOMS_ARE_FREE_OF_CYCLES =
      slices().matching("org.espalier.(*)..").should().beFreeOfCycles();

  /** A folder within a room is a room as well. */
  @ArchTest
  static final ArchRule PACKAGES_ARE_FREE_OF_CYCLES =
      slices().matching("org.espalier.(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule THE_SPECIFICATION_KNOWS_NO_IMPLEMENTATION =
      noClasses()
          .that()
          .resideInAnyPackage("org.espalier.kernel.scalar..", "org.espalier.kernel.contract..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.espalier.kernel.simd..",
              "org.espalier.kernel.gemm..",
              "org.espalier.kernel.conv..");

  @ArchTest
  static final ArchRule THE_REFERENCE_KNOWS_NO_IMPLEMENTATION =
      noClasses()
          .that()
          .resideInAPackage("org.espalier.reference..")
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.espalier.kernel",
              "org.espalier.kernel.simd..",
              "org.espalier.kernel.gemm..",
              "org.espalier.kernel.conv..");

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

  /** What the library's jar leaves out, and what a program that depends on it does not inherit. */
  @ArchTest
  static final ArchRule THE_LIBRARY_NEEDS_NOTHING_OF_THE_PROGRAM =
      noClasses()
          .that()
          .resideOutsideOfPackages(
              "org.espalier.boot..",
              "org.espalier.cli..",
              "org.espalier.doctor..",
              "org.espalier.experiment..",
              "org.espalier.report..")
          .and()
          .resideInAPackage("org.espalier..")
          .and()
          .haveNameNotMatching(
              "org[.]espalier[.]data[.](csv[.])?CsvRows([$].*)?") // its parser is optional
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage(
              "org.espalier.boot..",
              "org.espalier.cli..",
              "org.espalier.doctor..",
              "org.espalier.experiment..",
              "org.espalier.report..",
              "picocli..",
              "me.tongfei..",
              "org.jline..",
              "com.fasterxml..",
              "tools.jackson.databind..",
              "tools.jackson.dataformat..");
}
