package io.github.deletionpolicy.scenario.doctor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

import io.github.deletionpolicy.InvalidDeletionPolicyException;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.support.TestDatabase;
import org.junit.jupiter.api.Test;

import org.springframework.core.io.ClassPathResource;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

/**
 * What somebody reads when a policy does not fit the database, word for word.
 */
class CatalogMessagesIT {

	private final StringBuilder messages = new StringBuilder();

	@Test
	void everyRefusalIsWordForWordAsInTheSnapshot() throws IOException {
		TestDatabase database = TestDatabase.create();
		database.execute("""
				CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE keyless (id bigint, deletion_time timestamptz);
				CREATE TABLE columnless (id bigint PRIMARY KEY);
				CREATE TABLE local_time (id bigint PRIMARY KEY, deletion_time timestamp);
				CREATE TABLE coarse (id bigint PRIMARY KEY, deletion_time timestamptz(0));
				CREATE TABLE always (id bigint PRIMARY KEY, deletion_time timestamptz NOT NULL);
				CREATE VIEW live_users AS SELECT * FROM users;
				CREATE TABLE parents (id bigint PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE links (parent bigint UNIQUE REFERENCES parents ON DELETE CASCADE);
				CREATE TABLE leaves (id bigint PRIMARY KEY, link bigint REFERENCES links (parent) ON DELETE CASCADE,
					deletion_time timestamptz);
				CREATE TABLE wheels (id bigint PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE spokes (id bigint PRIMARY KEY, wheel bigint REFERENCES wheels ON DELETE CASCADE,
					spoke bigint REFERENCES spokes ON DELETE CASCADE);
				CREATE TABLE tips (id bigint PRIMARY KEY, spoke bigint REFERENCES spokes ON DELETE CASCADE,
					deletion_time timestamptz)""");
		refused("the ledger's tables are missing", database, "deletion-policy.schema.enabled=false");
		refused("no such table", database, "deletion-policy.tables.user.mode=soft");
		refused("no primary key", database, "deletion-policy.tables.keyless.mode=soft");
		refused("no deletion-time column", database, "deletion-policy.tables.columnless.mode=soft");
		refused("timestamp without time zone", database, "deletion-policy.tables.local_time.mode=soft");
		refused("timestamp of whole seconds", database, "deletion-policy.tables.coarse.mode=soft");
		refused("column that is never null", database, "deletion-policy.tables.always.mode=soft");
		refused("view", database, "deletion-policy.tables.live_users.mode=soft");
		refused("dependants without a key", database, "deletion-policy.tables.parents.mode=soft");
		refused("dependants in a circle", database, "deletion-policy.tables.wheels.mode=soft");
		refused("hold that is no SQL", database, "deletion-policy.tables.users.mode=scheduled",
				"deletion-policy.tables.users.delay=1", "deletion-policy.tables.users.hold-condition=nonsense");
		Path actual = Path.of("target", "catalog.txt");
		Files.writeString(actual, this.messages.toString().stripTrailing() + "\n");
		assertThat(actual).as("The texts as they are now are in %s", actual)
			.usingCharset(StandardCharsets.UTF_8)
			.hasContent(new ClassPathResource("messages/catalog.txt").getContentAsString(StandardCharsets.UTF_8));
	}

	private void refused(String title, TestDatabase database, String... properties) {
		Throwable failure = catchThrowableOfType(Throwable.class,
				() -> Application.of(database, properties).start().close());
		assertThat(failure).as(title).isNotNull();
		while (!(failure instanceof InvalidDeletionPolicyException)) {
			assertThat(failure).as(title).isNotNull();
			failure = failure.getCause();
		}
		InvalidDeletionPolicyException refusal = (InvalidDeletionPolicyException) failure;
		this.messages.append("## %s\n\n%s\n-> %s\n\n".formatted(title, refusal.getDescription(), refusal.getAction()));
	}

}
