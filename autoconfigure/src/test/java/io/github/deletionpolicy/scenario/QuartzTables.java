package io.github.deletionpolicy.scenario;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * Quartz's tables as an application's own migration creates them.
 */
public final class QuartzTables {

	private static final String SCRIPT = "/org/quartz/impl/jdbcjobstore/tables_postgres.sql";

	private QuartzTables() {
	}

	/**
	 * Write the migration: Quartz's script without the statements that drop what is
	 * there.
	 * @param directory where to
	 * @return the properties of an application that runs it and keeps its jobs there
	 */
	public static String[] migration(Path directory) throws IOException {
		String script;
		try (InputStream stream = QuartzTables.class.getResourceAsStream(SCRIPT)) {
			assertThat(stream).as(SCRIPT).isNotNull();
			script = new String(stream.readAllBytes(), StandardCharsets.UTF_8).lines()
				.filter((line) -> !line.startsWith("DROP TABLE") && !line.startsWith("COMMIT"))
				.collect(Collectors.joining("\n"));
		}
		assertThat(script).containsIgnoringCase("CREATE TABLE qrtz_triggers").doesNotContainIgnoringCase("drop table");
		Files.writeString(directory.resolve("V1__quartz.sql"), script);
		return new String[] { "spring.flyway.enabled=true", "spring.flyway.locations=filesystem:" + directory,
				"spring.flyway.baseline-on-migrate=true", "spring.flyway.baseline-version=0",
				"spring.quartz.job-store-type=jdbc", "spring.quartz.jdbc.initialize-schema=never",
				"spring.quartz.properties.org.quartz.jobStore.driverDelegateClass=org.quartz.impl.jdbcjobstore.PostgreSQLDelegate",
				"spring.quartz.properties.org.quartz.jobStore.isClustered=true",
				"spring.quartz.properties.org.quartz.jobStore.clusterCheckinInterval=1000",
				"spring.quartz.properties.org.quartz.scheduler.instanceId=AUTO" };
	}

}
