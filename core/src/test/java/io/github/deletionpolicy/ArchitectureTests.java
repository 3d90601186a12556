package io.github.deletionpolicy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
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
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * The rooms of the house and the arrows between them. Every rule takes the root package,
 * so that it can be shown to fail on a house that is built wrongly.
 */
class ArchitectureTests {

	private static final String ROOT = "io.github.deletionpolicy";

	private static final ArchitecturePage PAGE = ArchitecturePage.read(Path.of("../docs/architecture.md"));

	/**
	 * Which rooms stand right below a room, as the page draws them. Its classes may know
	 * them, and all that stand below those. The API, which is the root package, may be
	 * known by every room.
	 */
	private static final Map<String, Set<String>> BELOW = PAGE.arrows();

	private static final int LINES_OF_A_FILE = 350;

	private static final int FILES_OF_A_ROOM = 25;

	private static final int FILES_OF_THE_API = 42;

	private static final Path SOURCES = Path.of("src/main/java");

	private static final JavaClasses CORE = new ClassFileImporter().importPath(mainClasses());

	static Stream<String> rooms() {
		return BELOW.keySet().stream().sorted();
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
	void everyRoomOfThePictureIsThere() {
		assertThat(packagesOf(CORE)).containsAll(BELOW.keySet().stream().map((room) -> ROOT + "." + room).toList());
	}

	@ParameterizedTest
	@CsvSource({ "delete, 8", "purge, 8", "tree, 11", "restore, 8" })
	void routeLeadsThroughFewFilesInOrder(String route, int files) throws IOException {
		assertThat(PAGE.route(route)).hasSizeBetween(2, files).doesNotHaveDuplicates();
		assertThat(strandedFiles(PAGE.route(route))).isEmpty();
	}

	@Test
	void noFileAndNoRoomIsCrowded() throws IOException {
		assertThat(crowded(SOURCES, LINES_OF_A_FILE, FILES_OF_A_ROOM, FILES_OF_THE_API)).isEmpty();
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
			return BELOW.keySet().stream().sorted();
		}

		@ParameterizedTest
		@MethodSource("rooms")
		void arrowThatPointsUpOrAsideIsFound(String room) {
			Map<String, String> wrongArrows = Map.ofEntries(Map.entry("mapping", "catalog"), Map.entry("sql", "ledger"),
					Map.entry("event", "delete"), Map.entry("catalog", "ledger"), Map.entry("rows", "ledger"),
					Map.entry("ledger", "delete"), Map.entry("delete", "purge"), Map.entry("doctor", "purge"),
					Map.entry("purge.batch", "purge.tree"), Map.entry("purge.tree", "purge"),
					Map.entry("purge", "async"), Map.entry("async", "restore"), Map.entry("restore", "operator"),
					Map.entry("operator", "restore"), Map.entry("data", "delete"), Map.entry("engine", "data"));
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
		void fileToWhichARouteDoesNotLeadIsFound() throws IOException {
			assertThat(strandedFiles(List.of("DeleteTemplate", "DeletionSteps", "PurgeJob")))
				.containsExactly("PurgeJob");
		}

		@Test
		void crowdedRoomsAndFilesAreFound() throws IOException {
			Path wrong = Path.of("src/test/java", WRONG.replace('.', '/'));
			assertThat(crowded(wrong, 16, 1, 0)).containsExactlyInAnyOrder("catalog has 2 files", "purge has 2 files",
					"Api.java has 17 lines");
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
		Set<String> allowed = below(room);
		return ArchRuleDefinition.noClasses()
			.that()
			.resideInAPackage(root + "." + room)
			.should()
			.dependOnClassesThat(JavaClass.Predicates.resideInAPackage(root + ".*..")
				.and(DescribedPredicate
					.not(JavaClass.Predicates.resideInAnyPackage(Stream.concat(Stream.of(room), allowed.stream())
						.map((it) -> root + "." + it)
						.toArray(String[]::new))))
				.as("reside in another room than " + allowed));
	}

	private static Set<String> below(String room) {
		Set<String> all = new TreeSet<>(BELOW.get(room));
		BELOW.get(room).forEach((next) -> all.addAll(below(next)));
		return all;
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

	private static Set<String> unknownRoomsOf(String root, JavaClasses classes) {
		return packagesOf(classes).stream()
			.filter((name) -> name.startsWith(root + "."))
			.map((name) -> name.substring(root.length() + 1))
			.filter((room) -> !BELOW.containsKey(room))
			.collect(Collectors.toSet());
	}

	/**
	 * Find files of a route that none of the files before them names.
	 */
	private static List<String> strandedFiles(List<String> route) throws IOException {
		StringBuilder before = new StringBuilder();
		List<String> stranded = new ArrayList<>();
		for (String name : route) {
			if (!before.isEmpty() && !Pattern.compile("\\b" + name + "\\b").matcher(before).find()) {
				stranded.add(name);
			}
			before.append(Files.readString(sourceOf(name)));
		}
		return stranded;
	}

	private static Path sourceOf(String name) throws IOException {
		try (Stream<Path> paths = Files.walk(SOURCES)) {
			return paths.filter((path) -> path.endsWith(name + ".java")).findFirst().orElseThrow();
		}
	}

	/**
	 * Find what nobody would want to live in.
	 * @param sources the main sources
	 * @param lines of a file, at most
	 * @param files of a room, at most; the API has more
	 */
	private static List<String> crowded(Path sources, int lines, int files, int filesOfTheApi) throws IOException {
		Map<Path, List<Path>> rooms = new TreeMap<>();
		try (Stream<Path> paths = Files.walk(sources)) {
			paths.filter((path) -> path.toString().endsWith(".java"))
				.forEach((path) -> rooms.computeIfAbsent(path.getParent(), (room) -> new ArrayList<>()).add(path));
		}
		List<String> crowded = new ArrayList<>();
		for (Map.Entry<Path, List<Path>> room : rooms.entrySet()) {
			boolean api = room.getKey().endsWith(ROOT.replace('.', '/'));
			if (room.getValue().size() > (api ? filesOfTheApi : files)) {
				crowded.add("%s has %d files".formatted(sources.relativize(room.getKey()), room.getValue().size()));
			}
			for (Path file : room.getValue()) {
				int count = Files.readAllLines(file).size();
				if (count > lines) {
					crowded.add("%s has %d lines".formatted(file.getFileName(), count));
				}
			}
		}
		return crowded;
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
