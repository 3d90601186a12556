package io.github.deletionpolicy.scenario.environment;

import java.io.IOException;
import java.net.URL;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;

import io.github.deletionpolicy.DeleteTemplate;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.InvalidIdException;
import io.github.deletionpolicy.UnknownTableException;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.test.PurgeRunner;
import io.github.deletionpolicy.test.RowAssert;
import io.github.deletionpolicy.test.RowAssertions;
import io.github.deletionpolicy.test.RowState;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

import org.springframework.boot.autoconfigure.AutoConfigurationPackage;
import org.springframework.boot.autoconfigure.AutoConfigurations;
import org.springframework.boot.data.jdbc.autoconfigure.DataJdbcRepositoriesAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.DataSourceTransactionManagerAutoConfiguration;
import org.springframework.boot.jdbc.autoconfigure.JdbcTemplateAutoConfiguration;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.annotation.Configuration;
import org.springframework.core.io.UrlResource;
import org.springframework.data.annotation.Id;
import org.springframework.data.relational.core.mapping.Table;
import org.springframework.util.ClassUtils;

import static io.github.deletionpolicy.test.DeletionPolicyAssertions.assertThat;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * What a test can say of a row, and what it is told when that is not so.
 */
class RowAssertionsIT {

	private static final String SLICE = "META-INF/spring/org.springframework.boot.data.jdbc.test.autoconfigure.AutoConfigureDataJdbc.imports";

	@RegisterExtension
	private static final Application application = Application.of("""
			CREATE TABLE users (id bigint PRIMARY KEY, name text, legal_hold boolean, deletion_time timestamptz);
			CREATE TABLE seats (hall text, seat int, deleted_at timestamptz, PRIMARY KEY (hall, seat));
			CREATE TABLE plain (id bigint PRIMARY KEY);
			CREATE VIEW live_users AS SELECT * FROM users WHERE deletion_time IS NULL""",
			"deletion-policy.tables.users.mode=scheduled", "deletion-policy.tables.users.delay=30d",
			"deletion-policy.tables.users.hold-condition=legal_hold",
			"deletion-policy.tables.users.live-view=live_users", "deletion-policy.tables.seats.mode=soft",
			"deletion-policy.tables.seats.deletion-time-column=deleted_at");

	private static RowAssertions rows;

	@BeforeAll
	static void beans() {
		rows = application.bean(RowAssertions.class);
	}

	@BeforeEach
	void reset() {
		sql("TRUNCATE users, seats, plain, deletion_operation, deletion_chunk");
		sql("INSERT INTO users VALUES (1, 'Ada', false), (2, '100 %d', true)");
		sql("INSERT INTO seats VALUES ('a', 1), ('a', 2)");
		sql("INSERT INTO plain VALUES (1)");
	}

	@Test
	void aRowIsLiveThenDeletedThenGone() {
		rows.assertThat("users", 1).isLive();
		DeletionResult result = application.deletes().from("users").byId(1).execute();
		rows.assertThat("users", 1).isDeleted().isPendingPurgeAt(purgeAt(result));
		application.purgeAfter(Duration.ofDays(31));
		rows.assertThat("users", 1).isGone();
	}

	@Test
	void softRowsAreDeletedAndWaitForNoPurge() {
		application.deletes().from("seats").byId(Map.of("hall", "a", "seat", 1)).execute();
		rows.assertThat("seats", Map.of("hall", "a", "seat", 1)).isDeleted();
		rows.assertThat("public.seats", Map.of("hall", "a", "seat", 2)).isLive();
		fails(() -> rows.assertThat("seats", Map.of("hall", "a", "seat", 1)).isPendingPurgeAt(Instant.EPOCH),
				"to be deleted and to be purged at 1970-01-01T00:00:00Z", "waits for no purge", "\"hall\": \"a\"");
	}

	@Test
	void tablesAreNamedByClassAndLiveViewToo() {
		application.deletes().from(User.class).byId(1L).execute();
		rows.assertThat(User.class, 1L).isDeleted();
		rows.assertThat("live_users", 1).isDeleted();
		rows.assertThat(User.class, 2L).isLive();
		rows.assertThat(User.class, 3L).isGone();
	}

	@Test
	void tablesWithoutADeletionTimeHaveLiveRowsOnly() {
		rows.assertThat("plain", 1).isLive();
		rows.assertThat("plain", 2).isGone();
	}

	@Test
	void instantsAreComparedAsTheDatabaseKeepsThem() {
		DeletionResult result = application.deletes().from("users").byId(1).execute();
		rows.assertThat("users", 1).isPendingPurgeAt(purgeAt(result).plusNanos(999));
		fails(() -> rows.assertThat("users", 1).isPendingPurgeAt(purgeAt(result).plusNanos(1000)), "to be purged at",
				"but", purgeAt(result).toString());
	}

	@Test
	void itSeesWhatTheTestHasNotCommitted() {
		application.transactions().executeWithoutResult((status) -> {
			application.deletes().from("users").byId(1).execute();
			rows.assertThat("users", 1).isDeleted();
			status.setRollbackOnly();
		});
		rows.assertThat("users", 1).isLive();
	}

	@Test
	void aFailureTellsAllThatIsKnownOfALiveRow() {
		fails(() -> rows.assertThat("users", 2).isDeleted(), "to be deleted", "row 2 of public.users is live",
				"\"name\": \"100 %d\"", "\"legal_hold\": true");
		fails(() -> rows.assertThat("users", 2).isGone(), "to be gone", "is live");
		fails(() -> rows.assertThat("users", 2).isPendingPurgeAt(Instant.EPOCH), "is live");
	}

	@Test
	void aFailureTellsWhyADeletedRowIsStillThere() {
		DeletionResult result = application.deletes().from("users").byId(2).execute();
		application.purgeAfter(Duration.ofDays(31));
		fails(() -> rows.assertThat("users", 2).isGone(), "to be gone", "is deleted since " + result.deletionTime(),
				"to be purged at " + result.purgeAt(), "operation: " + result.operationId(), "state HELD",
				"1 failed attempt(s)", "the hold condition keeps the row");
		fails(() -> rows.assertThat("users", 2).isLive(), "to be live", "is deleted since");
	}

	@Test
	void aFailureTellsThatThereIsNoSuchRow() {
		fails(() -> rows.assertThat("users", 7).isDeleted(), "to be deleted", "row 7 of public.users does not exist");
		fails(() -> rows.assertThat("users", 7).isLive(), "to be live", "row 7 of public.users does not exist");
	}

	@Test
	void aDescriptionComesFirst() {
		assertThatExceptionOfType(AssertionError.class)
			.isThrownBy(() -> rows.assertThat("users", 1).as("the first user").isDeleted())
			.withMessageStartingWith("[the first user]");
	}

	@Test
	void whatWasFoundCanBeKept() {
		RowState before = rows.find(User.class, 1L);
		application.deletes().from("users").byId(1).execute();
		RowAssert kept = assertThat(before).isLive();
		kept.isEqualTo(before);
		assertThat(rows.find("users", 1)).isDeleted();
	}

	@Test
	void wrongNamesAndIdsAreErrorsAndNoGoneRows() {
		assertThatExceptionOfType(UnknownTableException.class).isThrownBy(() -> rows.assertThat("user", 1));
		assertThatExceptionOfType(InvalidIdException.class).isThrownBy(() -> rows.assertThat("users", "1"));
		assertThatExceptionOfType(InvalidIdException.class).isThrownBy(() -> rows.assertThat("seats", 1));
	}

	@Test
	void aSliceOfSpringDataJdbcHasThemToo() throws IOException {
		new ApplicationContextRunner().withUserConfiguration(NoRepositories.class)
			.withConfiguration(AutoConfigurations.of(DataSourceAutoConfiguration.class,
					DataSourceTransactionManagerAutoConfiguration.class, JdbcTemplateAutoConfiguration.class,
					DataJdbcRepositoriesAutoConfiguration.class))
			.withConfiguration(AutoConfigurations.of(slice()))
			.withPropertyValues(application.database().properties())
			.withPropertyValues("spring.boot.enableautoconfiguration=false",
					"deletion-policy.tables.users.mode=scheduled", "deletion-policy.tables.users.delay=30d",
					"deletion-policy.tables.nowhere.mode=soft")
			.run((context) -> {
				assertThat(context).hasNotFailed().doesNotHaveBean("deletionPurgeSchedule");
				context.getBean(DeleteTemplate.class).from("users").byId(1).execute();
				context.getBean(RowAssertions.class).assertThat(User.class, 1L).isDeleted();
				context.getBean(PurgeRunner.class).runDueAsOf(Instant.now().plus(Duration.ofDays(31)));
				context.getBean(RowAssertions.class).assertThat(User.class, 1L).isGone();
			});
	}

	private static Class<?>[] slice() throws IOException {
		List<Class<?>> slice = new ArrayList<>();
		for (URL imports : Collections.list(RowAssertionsIT.class.getClassLoader().getResources(SLICE))) {
			new UrlResource(imports).getContentAsString(UTF_8)
				.lines()
				.filter((name) -> name.startsWith("io.github.deletionpolicy."))
				.forEach((name) -> slice.add(ClassUtils.resolveClassName(name, null)));
		}
		return slice.toArray(Class<?>[]::new);
	}

	private static void fails(ThrowingCallable assertion, String... parts) {
		assertThatExceptionOfType(AssertionError.class).isThrownBy(assertion)
			.satisfies((failure) -> assertThat(failure.getMessage()).contains(parts));
	}

	private static Instant purgeAt(DeletionResult result) {
		Instant purgeAt = result.purgeAt();
		assertThat(purgeAt).isNotNull();
		return purgeAt;
	}

	private static void sql(String statement) {
		application.jdbc().sql(statement).update();
	}

	@Configuration(proxyBeanMethods = false)
	@AutoConfigurationPackage(basePackages = "io.github.deletionpolicy.nowhere")
	static class NoRepositories {

	}

	@Table("users")
	record User(@Id Long id, @Nullable String name) {
	}

}
