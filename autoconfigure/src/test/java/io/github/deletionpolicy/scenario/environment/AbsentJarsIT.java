package io.github.deletionpolicy.scenario.environment;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;

import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.support.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.boot.test.context.FilteredClassLoader;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.core.NestedExceptionUtils;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * What an application does without each of the libraries that it may go without: it
 * starts, deletes and purges without what rests on that library, or does not start and
 * says what to write. Once with a class loader that hides packages, and once without the
 * jars.
 */
class AbsentJarsIT {

	private static final Set<String> BEANS = Set.of("deleteTemplate", "pendingPurges", "purgeRunner",
			"deletionRowAssertions", "deletionPurgeSchedule", "deletionRepositoryTemplates", "deletionCriteria",
			"pendingPurgesEndpoint");

	private static TestDatabase database;

	@TempDir
	private Path directory;

	@BeforeAll
	static void tables() {
		database = TestDatabase.create();
		database.jdbc().sql("CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz)").update();
		Application.of(database).start().close();
	}

	@BeforeEach
	void oneUser() {
		database.jdbc().sql("TRUNCATE users, deletion_operation, deletion_chunk").update();
		database.jdbc().sql("INSERT INTO users VALUES (1)").update();
	}

	@ParameterizedTest
	@EnumSource
	void hiddenPackages(Absent absent) {
		new ApplicationContextRunner().withUserConfiguration(AbsentJarNode.Configuration.class)
			.withClassLoader(new FilteredClassLoader(absent.packages))
			.withPropertyValues(database.properties())
			.withPropertyValues(properties(absent))
			.run((context) -> {
				if (absent.message != null) {
					assertThat(context).hasFailed();
					assertThat(NestedExceptionUtils.getMostSpecificCause(context.getStartupFailure()))
						.hasMessageContaining(absent.message);
				}
				else {
					assertThat(context).hasNotFailed();
					AbsentJarNode.use(context.getSourceApplicationContext());
					assertThatBeansAre(List.of(context.getBeanDefinitionNames()), absent);
				}
			});
	}

	@ParameterizedTest
	@EnumSource
	void missingJars(Absent absent) throws IOException, InterruptedException {
		AbsentJarNode.Outcome outcome = AbsentJarNode.run(database, absent.jars, this.directory.resolve("log"),
				properties(absent));
		assertThat(outcome.absent() > 0).isEqualTo(absent.isInTheTests);
		if (absent.message != null) {
			assertThat(outcome.started()).as(outcome.output()).isFalse();
			assertThat(outcome.output()).contains("APPLICATION FAILED TO START", "Policies keep rows of 'users'",
					absent.message);
			assertThat(database.jdbc().sql("SELECT count(*) FROM users").query(Long.class).single()).isOne();
		}
		else {
			assertThat(outcome.started()).as(outcome.output()).isTrue();
			assertThatBeansAre(outcome.beans(), absent);
		}
	}

	private static void assertThatBeansAre(List<String> beans, Absent absent) {
		assertThat(BEANS.stream().filter(beans::contains)).containsExactlyInAnyOrderElementsOf(
				BEANS.stream().filter((bean) -> !absent.without.contains(bean)).toList());
	}

	private static String[] properties(Absent absent) {
		List<String> properties = new ArrayList<>(List.of("spring.main.banner-mode=off", "spring.flyway.enabled=false",
				"spring.liquibase.enabled=false", "spring.autoconfigure.exclude=" + Application.WITHOUT_JPA,
				"management.endpoints.web.exposure.include=*", "management.endpoints.jmx.exposure.include=*",
				"deletion-policy.tables.users.mode=scheduled", "deletion-policy.tables.users.delay=30d",
				"deletion-policy.purge.interval=1d"));
		Stream.of(absent.properties).forEach(properties::add);
		return properties.toArray(String[]::new);
	}

	/**
	 * What is absent, and what then happens.
	 */
	enum Absent {

		NOTHING("^$", new String[] { "none" }, null),

		JACKSON("jackson", new String[] { "tools.jackson", "com.fasterxml.jackson" }, null),

		MICROMETER("micrometer", new String[] { "io.micrometer" }, null),

		ACTUATOR("spring-boot-(starter-)?actuator", new String[] { "org.springframework.boot.actuate.endpoint" }, null,
				"pendingPurgesEndpoint"),

		SPRING_SECURITY("spring-security", new String[] { "org.springframework.security" }, null),

		QUARTZ("quartz", new String[] { "org.quartz" },
				"Nothing would ever be purged: Quartz is not on the class path."),

		QUARTZ_WHERE_NOTHING_IS_PURGED("quartz", new String[] { "org.quartz" }, null,
				"deletion-policy.purge.enabled=false", "deletionPurgeSchedule"),

		FLYWAY("flyway", new String[] { "org.flywaydb" }, "Flyway is not on the class path"),

		FLYWAY_WHERE_THE_TABLES_ARE_MADE_BY_HAND("flyway", new String[] { "org.flywaydb" }, null,
				"deletion-policy.schema.enabled=false"),

		FLYWAY_FOR_POSTGRESQL("flyway-database-postgresql", new String[] { "org.flywaydb.database.postgresql" }, null),

		SPRING_DATA_JDBC("spring-data-jdbc|spring-boot-(starter-)?data-jdbc",
				new String[] { "org.springframework.data.jdbc" }, null, "deletionRepositoryTemplates"),

		SPRING_DATA("spring-data-|spring-boot-(starter-)?data-", new String[] { "org.springframework.data" }, null,
				"deletionRepositoryTemplates", "deletionCriteria");

		private final Pattern jars;

		private final String[] packages;

		private final @Nullable String message;

		private final List<String> without;

		private final String[] properties;

		private final boolean isInTheTests;

		Absent(String jars, String[] packages, @Nullable String message, String... withoutOrProperties) {
			this.jars = Pattern.compile(jars);
			this.packages = packages;
			this.message = message;
			this.without = Stream.of(withoutOrProperties).filter((it) -> !it.contains("=")).toList();
			this.properties = Stream.of(withoutOrProperties).filter((it) -> it.contains("=")).toArray(String[]::new);
			this.isInTheTests = !jars.equals("^$");
		}

	}

}
