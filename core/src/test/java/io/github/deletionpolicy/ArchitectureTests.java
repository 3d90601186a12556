package io.github.deletionpolicy;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import com.tngtech.archunit.library.dependencies.SlicesRuleDefinition;
import org.jspecify.annotations.NullMarked;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The rooms of the house and the arrows between them. Every rule takes the root package,
 * so that it can be shown to fail on a house that is built wrongly.
 */
class ArchitectureTests {

	private static final String ROOT = "io.github.deletionpolicy";

	/**
	 * Which other rooms the classes of a room may know; the API, which is the root
	 * package, may be known by all of them.
	 */
	private static final Map<String, Set<String>> ARROWS = Map.of("catalog", Set.of(), "ledger", Set.of("catalog"),
			"delete", Set.of("ledger", "catalog"), "purge", Set.of("ledger", "catalog"), "data",
			Set.of("ledger", "catalog"), "doctor", Set.of("ledger", "catalog"));

	private static final JavaClasses CORE = new ClassFileImporter().importPath(mainClasses());

	static Stream<String> rooms() {
		return ARROWS.keySet().stream().sorted();
	}

	@ParameterizedTest
	@MethodSource("rooms")
	void arrowsPointDown(String room) {
		arrowsOf(ROOT, room).check(CORE);
	}

	@Test
	void everyRoomIsKnown() {
		assertThat(unknownRoomsOf(ROOT, CORE)).isEmpty();
	}

	@Test
	void apiKnowsNoRoom() {
		apiKnowsNoRoom(ROOT).check(CORE);
	}

	@Test
	void apiSeesNoSql() {
		apiSeesNoSql(ROOT).check(CORE);
	}

	@Test
	void coreKnowsNoSpringBoot() {
		noSpringBoot(ROOT).check(CORE);
	}

	@Test
	void onlyThePurgeJobKnowsQuartz() {
		quartzOnlyInThePurgeJob(ROOT).check(CORE);
	}

	@Test
	void packagesHaveNoCycles() {
		noCycles(ROOT).check(CORE);
	}

	@Test
	void everyPackageIsNullMarked() {
		assertThat(packagesOf(CORE)).contains(ROOT);
		assertThat(packagesThatAreNotNullMarked(CORE)).isEmpty();
	}

	@Nested
	class HouseThatIsBuiltWrongly {

		private static final String WRONG = ROOT + ".fixtures.wronghouse";

		private static final JavaClasses CLASSES = new ClassFileImporter().importPackages(WRONG);

		static Stream<String> rooms() {
			return ARROWS.keySet().stream().sorted();
		}

		@ParameterizedTest
		@MethodSource("rooms")
		void arrowThatPointsUpOrAsideIsFound(String room) {
			Map<String, String> wrongArrows = Map.of("catalog", "ledger", "ledger", "delete", "delete", "purge",
					"purge", "data", "data", "delete", "doctor", "purge");
			String from = WRONG + "." + room + ".";
			String to = WRONG + "." + wrongArrows.get(room) + ".";
			assertBroken(arrowsOf(WRONG, room), from, to);
		}

		@Test
		void unknownRoomIsFound() {
			assertThat(unknownRoomsOf(WRONG, CLASSES)).containsExactly("attic");
		}

		@Test
		void apiThatKnowsARoomIsFound() {
			assertBroken(apiKnowsNoRoom(WRONG), WRONG + ".Api", WRONG + ".catalog.Tables");
		}

		@Test
		void apiThatSeesSqlIsFound() {
			assertBroken(apiSeesNoSql(WRONG), WRONG + ".Api", "java.sql.Connection",
					"org.springframework.jdbc.core.JdbcTemplate", "javax.sql.DataSource");
		}

		@Test
		void springBootIsFound() {
			assertBroken(noSpringBoot(WRONG), WRONG + ".Api", "org.springframework.boot.SpringApplication");
		}

		@Test
		void quartzOutsideThePurgeJobIsFound() {
			assertBroken(quartzOnlyInThePurgeJob(WRONG), WRONG + ".purge.PurgeWorker", "org.quartz.Scheduler");
			assertThat(violations(quartzOnlyInThePurgeJob(WRONG))).doesNotContain(WRONG + ".purge.PurgeJob");
		}

		@Test
		void cycleIsFound() {
			assertBroken(noCycles(WRONG), "Cycle detected", "delete", "purge");
		}

		@Test
		void packageThatIsNotNullMarkedIsFound() {
			assertThat(packagesThatAreNotNullMarked(CLASSES)).contains(WRONG + ".attic", WRONG + ".ledger")
				.doesNotContain(WRONG + ".catalog");
		}

		private static void assertBroken(ArchRule rule, String... parts) {
			assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> rule.check(CLASSES));
			assertThat(violations(rule)).contains(parts);
		}

		private static String violations(ArchRule rule) {
			return String.join("\n", rule.evaluate(CLASSES).getFailureReport().getDetails());
		}

	}

	private static ArchRule arrowsOf(String root, String room) {
		Set<String> allowed = ARROWS.get(room);
		DescribedPredicate<JavaClass> others = JavaClass.Predicates.resideInAPackage(root + ".*..")
			.and(DescribedPredicate.not(JavaClass.Predicates.resideInAPackage(root + "." + room + "..")))
			.and(DescribedPredicate.not(JavaClass.Predicates
				.resideInAnyPackage(allowed.stream().map((it) -> root + "." + it + "..").toArray(String[]::new))))
			.as("reside in another room than " + allowed);
		return ArchRuleDefinition.noClasses()
			.that()
			.resideInAPackage(root + "." + room + "..")
			.should()
			.dependOnClassesThat(others);
	}

	private static ArchRule apiKnowsNoRoom(String root) {
		return ArchRuleDefinition.noClasses()
			.that()
			.resideInAPackage(root)
			.should()
			.dependOnClassesThat()
			.resideInAPackage(root + ".*..");
	}

	private static ArchRule apiSeesNoSql(String root) {
		return ArchRuleDefinition.noClasses()
			.that()
			.resideInAPackage(root)
			.should()
			.dependOnClassesThat()
			.resideInAnyPackage("java.sql..", "javax.sql..", "org.springframework.jdbc..", "org.postgresql..");
	}

	private static ArchRule noSpringBoot(String root) {
		return ArchRuleDefinition.noClasses()
			.that()
			.resideInAPackage(root + "..")
			.should()
			.dependOnClassesThat()
			.resideInAPackage("org.springframework.boot..");
	}

	private static ArchRule quartzOnlyInThePurgeJob(String root) {
		return ArchRuleDefinition.noClasses()
			.that()
			.resideInAPackage(root + "..")
			.and()
			.doNotHaveFullyQualifiedName(root + ".purge.PurgeJob")
			.should()
			.dependOnClassesThat()
			.resideInAPackage("org.quartz..");
	}

	private static ArchRule noCycles(String root) {
		return SlicesRuleDefinition.slices().matching(root + ".(**)").should().beFreeOfCycles();
	}

	private static Set<String> packagesOf(JavaClasses classes) {
		return classes.stream().map(JavaClass::getPackageName).collect(Collectors.toSet());
	}

	private static Set<String> roomsOf(String root, JavaClasses classes) {
		return packagesOf(classes).stream()
			.filter((name) -> name.startsWith(root + "."))
			.map((name) -> name.substring(root.length() + 1).split("\\.")[0])
			.collect(Collectors.toSet());
	}

	private static Set<String> unknownRoomsOf(String root, JavaClasses classes) {
		return roomsOf(root, classes).stream().filter((room) -> !ARROWS.containsKey(room)).collect(Collectors.toSet());
	}

	private static List<String> packagesThatAreNotNullMarked(JavaClasses classes) {
		return packagesOf(classes).stream()
			.filter((name) -> !classes.getPackage(name)
				.tryGetPackageInfo()
				.map((info) -> info.isAnnotatedWith(NullMarked.class))
				.orElse(false))
			.sorted()
			.toList();
	}

	private static Path mainClasses() {
		try {
			return Path.of(DeleteTemplate.class.getProtectionDomain().getCodeSource().getLocation().toURI());
		}
		catch (Exception ex) {
			throw new IllegalStateException(ex);
		}
	}

}
