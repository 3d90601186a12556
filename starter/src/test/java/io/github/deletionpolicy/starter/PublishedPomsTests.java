package io.github.deletionpolicy.starter;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

import javax.xml.parsers.DocumentBuilderFactory;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.w3c.dom.Element;
import org.w3c.dom.Node;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * The POMs are published as they are written, so what they say is what a user's build
 * gets.
 */
class PublishedPomsTests {

	private static final Path ROOT = Path.of("..");

	private static final List<String> PUBLISHED = List.of("core", "test", "autoconfigure", "starter");

	@Test
	void coreBringsJdbcAndTheCriteriaOfItsApiAndNoMore() throws Exception {
		assertThat(dependencies("core")).containsExactlyInAnyOrder("org.jspecify:jspecify:compile",
				"org.springframework:spring-jdbc:compile", "org.springframework.data:spring-data-relational:compile",
				"org.springframework.data:spring-data-jdbc:compile:optional",
				"org.quartz-scheduler:quartz:compile:optional");
	}

	@Test
	void testBringsCoreAssertJAndWhatWiresIt() throws Exception {
		assertThat(dependencies("test")).containsExactlyInAnyOrder(
				"io.github.deletionpolicy:deletion-policy-core:compile",
				"org.springframework.boot:spring-boot-autoconfigure:compile", "org.assertj:assertj-core:compile");
	}

	@Test
	void autoconfigureBringsNoTechnology() throws Exception {
		assertThat(dependencies("autoconfigure")).containsExactlyInAnyOrder(
				"io.github.deletionpolicy:deletion-policy-core:compile",
				"org.springframework.boot:spring-boot-autoconfigure:compile",
				"org.springframework.boot:spring-boot-jdbc:compile",
				"org.springframework.boot:spring-boot-data-jdbc:compile:optional",
				"org.springframework.boot:spring-boot-quartz:compile:optional",
				"org.springframework.boot:spring-boot-actuator-autoconfigure:compile:optional",
				"org.springframework.boot:spring-boot-health:compile:optional",
				"io.micrometer:micrometer-core:compile:optional", "org.flywaydb:flyway-core:compile:optional");
	}

	@Test
	void starterBringsWhatAnApplicationNeeds() throws Exception {
		assertThat(dependencies("starter")).containsExactlyInAnyOrder(
				"io.github.deletionpolicy:deletion-policy-spring-boot-autoconfigure:compile",
				"org.springframework.boot:spring-boot-starter-data-jdbc:compile",
				"org.springframework.boot:spring-boot-starter-quartz:compile", "org.flywaydb:flyway-core:compile",
				"org.flywaydb:flyway-database-postgresql:compile", "org.postgresql:postgresql:runtime");
	}

	@Test
	void bomHasTheVersionsOfWhatIsPublishedAndOfNothingElse() throws Exception {
		Element bom = pom("bom");
		List<String> published = new ArrayList<>();
		for (String module : PUBLISHED) {
			published.addAll(texts(pom(module), "artifactId"));
		}
		assertThat(texts(bom, "version")).isEqualTo(texts(pom("."), "version"));
		assertThat(texts(bom, "build", "pluginManagement", "plugins", "plugin", "version"))
			.isEqualTo(texts(pom("."), "properties", "spring-javaformat.version"));
		assertThat(find(bom, "dependencyManagement", "dependencies", "dependency"))
			.allMatch((managed) -> texts(managed, "groupId").equals(texts(bom, "groupId")))
			.allMatch((managed) -> texts(managed, "version").equals(List.of("${project.version}")))
			.extracting((managed) -> texts(managed, "artifactId").get(0))
			.containsExactlyInAnyOrderElementsOf(published);
	}

	@Test
	void parentForcesNothingOnItsModules() throws Exception {
		assertThat(dependencies(".")).isEmpty();
	}

	@Test
	void otherModulesAreNotPublished() throws Exception {
		List<String> others = texts(pom("."), "modules", "module").stream()
			.filter((module) -> !PUBLISHED.contains(module) && !module.equals("bom"))
			.toList();
		assertThat(others).isNotEmpty();
		for (String module : others) {
			assertThat(texts(pom(module), "properties", "maven.deploy.skip")).as(module).containsExactly("true");
		}
	}

	@ParameterizedTest
	@ValueSource(strings = { ".", "bom", "core", "test", "autoconfigure", "starter" })
	void pomSaysWhatItIsAndUnderWhichLicence(String module) throws Exception {
		Element pom = pom(module);
		assertThat(texts(pom, "name")).as("name").hasSize(1).allMatch((text) -> text.startsWith("Deletion Policy"));
		assertThat(texts(pom, "description")).as("description").hasSize(1).doesNotContain("");
		Element licensed = texts(pom, "parent", "artifactId").contains("deletion-policy-parent") ? pom(".") : pom;
		assertThat(texts(licensed, "licenses", "license", "name")).containsExactly("Apache License, Version 2.0");
		assertThat(Files.readString(ROOT.resolve("LICENSE"))).contains("Apache License").contains("Version 2.0");
		for (String elsewhere : List.of("repositories", "pluginRepositories", "profiles")) {
			assertThat(find(pom, elsewhere)).as(elsewhere).isEmpty();
		}
	}

	/**
	 * Return the dependencies that a user's build sees: test scope is never handed on.
	 */
	private static List<String> dependencies(String module) throws Exception {
		return find(pom(module), "dependencies", "dependency").stream()
			.map(PublishedPomsTests::describe)
			.filter((dependency) -> !dependency.endsWith(":test"))
			.toList();
	}

	private static String describe(Element dependency) {
		String scope = texts(dependency, "scope").stream().findFirst().orElse("compile");
		String optional = texts(dependency, "optional").contains("true") ? ":optional" : "";
		return texts(dependency, "groupId").get(0) + ":" + texts(dependency, "artifactId").get(0) + ":" + scope
				+ optional;
	}

	private static Element pom(String module) throws Exception {
		Path file = ROOT.resolve(module).resolve("pom.xml");
		try (var input = Files.newInputStream(file)) {
			return DocumentBuilderFactory.newInstance().newDocumentBuilder().parse(input).getDocumentElement();
		}
		catch (IOException ex) {
			throw new AssertionError("No " + file.toAbsolutePath(), ex);
		}
	}

	private static List<String> texts(Element from, String... path) {
		return find(from, path).stream().map((element) -> element.getTextContent().strip()).toList();
	}

	private static List<Element> find(Element from, String... path) {
		Stream<Element> found = Stream.of(from);
		for (String name : path) {
			found = found.flatMap((element) -> children(element, name));
		}
		return found.toList();
	}

	private static Stream<Element> children(Element element, String name) {
		return IntStream.range(0, element.getChildNodes().getLength())
			.mapToObj((index) -> (Node) element.getChildNodes().item(index))
			.filter((node) -> node instanceof Element && node.getNodeName().equals(name))
			.map(Element.class::cast);
	}

}
