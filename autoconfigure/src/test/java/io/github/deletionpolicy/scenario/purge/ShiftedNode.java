package io.github.deletionpolicy.scenario.purge;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

import io.github.deletionpolicy.DeleteTemplate;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.scenario.Application;
import org.awaitility.Awaitility;

import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * A node that runs in its own JVM and writes down what it sees: one row that is due in an
 * hour, one that is due at once.
 */
final class ShiftedNode {

	private ShiftedNode() {
	}

	public static void main(String[] arguments) throws Exception {
		try (var context = new SpringApplicationBuilder(Application.Configuration.class).web(WebApplicationType.NONE)
			.run("--spring.flyway.enabled=false", "--spring.autoconfigure.exclude=" + Application.WITHOUT_JPA,
					"--spring.datasource.url=" + arguments[0], "--deletion-policy.tables.users.mode=scheduled",
					"--deletion-policy.tables.users.delay=1h", "--deletion-policy.purge.interval=200ms")) {
			DeleteTemplate deletes = context.getBean(DeleteTemplate.class);
			JdbcClient jdbc = context.getBean(JdbcClient.class);
			DeletionResult later = deletes.from("users").byId(1).execute();
			deletes.from("users").byId(2).scheduled(Duration.ZERO).execute();
			Awaitility.await()
				.atMost(Duration.ofMinutes(5))
				.until(() -> jdbc.sql("SELECT count(*) FROM users WHERE id = 2").query(Long.class).single() == 0);
			long purged = 2 - jdbc.sql("SELECT count(*) FROM users").query(Long.class).single();
			Files.write(Path.of(arguments[1]),
					List.of("jvm=" + Instant.now(), "deletionTime=" + later.deletionTime(), "purged=" + purged));
		}
	}

}
