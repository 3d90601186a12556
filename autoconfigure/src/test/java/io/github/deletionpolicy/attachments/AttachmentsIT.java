package io.github.deletionpolicy.attachments;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

import io.github.deletionpolicy.DeleteTemplate;
import io.github.deletionpolicy.support.TestDatabase;
import io.github.deletionpolicy.test.PurgeRunner;
import io.github.deletionpolicy.test.RowAssertions;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.jdbc.core.simple.JdbcClient;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A file goes after its row is purged, whenever the application is killed, and no other
 * file goes.
 */
class AttachmentsIT {

	private static final UUID PURGED = UUID.fromString("00000000-0000-0000-0000-00000000000a");

	private static final UUID RESTORED = UUID.fromString("00000000-0000-0000-0000-00000000000b");

	private static final UUID LIVE = UUID.fromString("00000000-0000-0000-0000-00000000000c");

	private final TestDatabase database = TestDatabase.create();

	@TempDir
	private Path directory;

	private ConfigurableApplicationContext application;

	@BeforeEach
	void threeAttachmentsAreThereAndOneIsToGo() throws IOException {
		JdbcClient jdbc = this.database.jdbc();
		jdbc.sql("CREATE TABLE attachments (id uuid PRIMARY KEY, title text, deletion_time timestamptz)").update();
		jdbc.sql("""
				CREATE TABLE attachment_outbox (
				  attachment_id uuid PRIMARY KEY,
				  next_try timestamptz NOT NULL DEFAULT now()
				)""").update();
		this.application = AttachmentsApplication.start(arguments("1d"));
		for (UUID id : List.of(PURGED, RESTORED, LIVE)) {
			jdbc.sql("INSERT INTO attachments (id) VALUES (?)").param(id).update();
			Files.writeString(file(id), "content");
		}
		deletes().from("attachments").byId(PURGED).execute();
		deletes().restore(deletes().from("attachments").byId(RESTORED).execute().operationId());
	}

	@AfterEach
	void stop() {
		this.application.close();
	}

	@Test
	void aDeletedRowKeepsItsFileUntilItIsPurged() {
		sweep();
		assertThatFilesAre(PURGED, RESTORED, LIVE);
		purge();
		assertThatFilesAre(PURGED, RESTORED, LIVE);
		sweep();
		assertThatFilesAre(RESTORED, LIVE);
		assertThat(outbox()).isEmpty();
	}

	/**
	 * Killed before the commit, nothing has happened; afterwards, the outbox knows what
	 * is left to do.
	 */
	@ParameterizedTest
	@CsvSource({ "before-commit, false, false, true", "before-removal, true, true, true",
			"after-removal, true, true, false" })
	void whoeverIsKilledTheFileGoesOnceAndAlone(String die, boolean rowIsGone, boolean isInOutbox, boolean fileIsThere)
			throws Exception {
		assertThat(runUntilKilled(die)).isEqualTo(AttachmentsApplication.KILLED);
		assertThat(this.application.getBean(RowAssertions.class).find("attachments", PURGED).isGone())
			.isEqualTo(rowIsGone);
		assertThat(outbox()).isEqualTo(isInOutbox ? List.of(PURGED) : List.of());
		assertThat(Files.exists(file(PURGED))).isEqualTo(fileIsThere);
		purge();
		sweep();
		assertThatFilesAre(RESTORED, LIVE);
		assertThat(outbox()).isEmpty();
	}

	@Test
	void theClockSweepsByItself() {
		purge();
		try (ConfigurableApplicationContext sweeping = AttachmentsApplication.start(arguments("50ms"))) {
			Awaitility.await().until(() -> outbox().isEmpty());
		}
		assertThatFilesAre(RESTORED, LIVE);
	}

	@Test
	void aRowThatIsWrittenAnewKeepsItsFile() {
		purge();
		this.database.jdbc().sql("INSERT INTO attachments (id) VALUES (?)").param(PURGED).update();
		sweep();
		assertThatFilesAre(PURGED, RESTORED, LIVE);
		assertThat(outbox()).isEmpty();
	}

	@Test
	void aFileThatCannotBeRemovedHoldsUpNoOther() throws IOException {
		Files.delete(file(PURGED));
		Files.createDirectories(file(PURGED).resolve("not empty"));
		deletes().from("attachments").byId(LIVE).execute();
		purge();
		sweep();
		assertThatFilesAre(PURGED, RESTORED);
		assertThat(outbox()).containsExactly(PURGED);
		Files.delete(file(PURGED).resolve("not empty"));
		this.database.jdbc().sql("UPDATE attachment_outbox SET next_try = now()").update();
		sweep();
		assertThatFilesAre(RESTORED);
		assertThat(outbox()).isEmpty();
	}

	/**
	 * What the documentation shows is what is tested here.
	 */
	@ParameterizedTest
	@CsvSource({ "AttachmentOutbox", "AttachmentSweeper" })
	void theDocumentationShowsThisCode(String type) throws IOException {
		String source = Files
			.readString(Path.of("src/test/java/io/github/deletionpolicy/attachments/%s.java".formatted(type)));
		String shown = source.substring(source.indexOf("@Component"));
		assertThat(Files.readString(Path.of("../docs/events.md"))).contains(shown);
	}

	private int runUntilKilled(String die) throws IOException, InterruptedException {
		List<String> command = new ArrayList<>(
				List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m",
						"-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"),
						AttachmentsApplication.class.getName(), "--die=" + die));
		command.addAll(List.of(arguments("1d")));
		Path log = this.directory.resolve("log");
		Process process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
		try {
			assertThat(process.waitFor(10, TimeUnit.MINUTES)).as("ended in time").isTrue();
			return process.exitValue();
		}
		finally {
			process.destroyForcibly();
			Files.delete(log);
		}
	}

	private String[] arguments(String sweep) {
		return Stream.of(this.database.properties(), new String[] { "spring.main.banner-mode=off",
				"spring.flyway.enabled=false",
				"spring.autoconfigure.exclude=org.springframework.boot.hibernate.autoconfigure.HibernateJpaAutoConfiguration,"
						+ "org.springframework.boot.data.jpa.autoconfigure.DataJpaRepositoriesAutoConfiguration",
				"deletion-policy.purge.enabled=false", "deletion-policy.tables.attachments.mode=scheduled",
				"deletion-policy.tables.attachments.delay=30d", "attachments.directory=" + this.directory,
				"attachments.sweep=" + sweep })
			.flatMap(Stream::of)
			.map((property) -> "--" + property)
			.toArray(String[]::new);
	}

	private void assertThatFilesAre(UUID... ids) {
		assertThat(this.directory.toFile().list())
			.containsExactlyInAnyOrder(Stream.of(ids).map(UUID::toString).toArray(String[]::new));
	}

	private Path file(UUID id) {
		return this.directory.resolve(id.toString());
	}

	private List<UUID> outbox() {
		return this.database.jdbc().sql("SELECT attachment_id FROM attachment_outbox").query(UUID.class).list();
	}

	private DeleteTemplate deletes() {
		return this.application.getBean(DeleteTemplate.class);
	}

	private void purge() {
		this.application.getBean(PurgeRunner.class).runDueAsOf(Instant.now().plus(Duration.ofDays(31)));
	}

	private void sweep() {
		this.application.getBean(AttachmentSweeper.class).sweep();
	}

}
