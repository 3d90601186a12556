package io.github.deletionpolicy.scenario.operations;

import java.sql.Connection;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.InvalidIdException;
import io.github.deletionpolicy.UnknownTableException;
import io.github.deletionpolicy.engine.DeletionEngine;
import io.github.deletionpolicy.operator.RowDiagnosis;
import io.github.deletionpolicy.operator.RowStatus;
import io.github.deletionpolicy.operator.RowStatus.Obstacle;
import io.github.deletionpolicy.operator.RowStatus.Reason;
import io.github.deletionpolicy.scenario.Application;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.dao.DataAccessException;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

/**
 * When a row goes, and why it has not: a case for each state that a row can be in.
 * Parents have children that are deleted with them, notes that are kept by a restricting
 * key, and nobody purges unless a case does.
 */
class RowDiagnosisIT {

	private static final Instant NEXT_RUN = Instant.now().plus(7, ChronoUnit.MINUTES).truncatedTo(ChronoUnit.MICROS);

	private static final String TABLES = """
			DROP TABLE IF EXISTS children, notes, parents, pairs;
			CREATE TABLE parents (id bigint PRIMARY KEY, legal_hold boolean, deletion_time timestamptz);
			CREATE TABLE children (id bigint PRIMARY KEY, legal_hold boolean, deletion_time timestamptz,
				parent_id bigint CONSTRAINT children_parent REFERENCES parents ON DELETE CASCADE);
			CREATE TABLE notes (id bigint PRIMARY KEY, deletion_time timestamptz,
				parent_id bigint CONSTRAINT notes_parent REFERENCES parents);
			CREATE TABLE pairs (tenant text, no integer, deletion_time timestamptz, PRIMARY KEY (tenant, no));
			INSERT INTO parents VALUES (1), (2);
			INSERT INTO children (id, parent_id) VALUES (10, 1);
			INSERT INTO pairs VALUES ('a/b,c', 1)""";

	@RegisterExtension
	private static final Application application = Application
		.of(TABLES, "deletion-policy.tables.parents.mode=scheduled", "deletion-policy.tables.parents.delay=30d",
				"deletion-policy.tables.parents.hold-condition=legal_hold",
				"deletion-policy.tables.children.mode=scheduled", "deletion-policy.tables.children.delay=30d",
				"deletion-policy.tables.children.hold-condition=legal_hold", "deletion-policy.purge.retry-delay=1h")
		.with(SevenMinutes.class);

	@BeforeEach
	void beginAnew() {
		application.pending().resume(null);
		application.jdbc().sql("UPDATE deletion_table SET paused_at = NULL").update();
		application.jdbc().sql("DELETE FROM deletion_chunk").update();
		application.jdbc().sql("DELETE FROM deletion_operation").update();
		application.sql(TABLES);
	}

	static Stream<Case> cases() {
		return Stream.of(new Case("live", Reason.LIVE, "never deleted").when(() -> {
		}), new Case("restored", Reason.LIVE, "or it was restored").when(() -> {
			application.deletes().restore(deleteParent(Duration.ZERO).operationId());
		}), new Case("made live by hand", Reason.RESTORED, "other means than a restore").when(() -> {
			deleteParent(Duration.ZERO);
			execute("UPDATE parents SET deletion_time = NULL");
		}), new Case("restored, then saved with the old deletion time", Reason.RESTORED, "wrote the deletion time back")
			.when(() -> {
				DeletionResult result = deleteParent(Duration.ZERO);
				application.deletes().from("parents").byId(2).execute();
				application.deletes().restore(result.operationId());
				execute("UPDATE parents SET deletion_time = (SELECT token FROM deletion_operation WHERE id = '%s') WHERE id = 1"
					.formatted(result.operationId()));
			}), new Case("marked by other code", Reason.UNRECORDED, "never purged automatically").when(() -> {
				execute("UPDATE parents SET deletion_time = now()");
			}), new Case("deleted softly", Reason.SOFT, "stays").when(() -> {
				application.deletes().from("parents").byId(1).soft().execute();
			}), new Case("cancelled", Reason.SOFT, "cancelled").when(() -> {
				application.pending().cancel(deleteParent(Duration.ZERO).operationId());
			}), new Case("not due", Reason.PENDING, "not due yet").when(() -> {
				deleteParent(Duration.ofDays(30));
			}).then((row) -> {
				assertThat(row.nextAttempt()).isEqualTo(row.purgeAt()).isAfter(Instant.now().plus(29, ChronoUnit.DAYS));
				assertThat(row.mode()).isEqualTo(DeletionMode.SCHEDULED);
				assertThat(row.obstacles()).isEmpty();
			}), new Case("not due, and held", Reason.PENDING, "Also, the hold condition").when(() -> {
				deleteParent(Duration.ofDays(30));
				execute("UPDATE parents SET legal_hold = true");
			}).then(obstacle(Reason.HELD, "public.parents", null)),
				new Case("due", Reason.DUE, "nothing keeps it").when(() -> {
					deleteParent(Duration.ZERO);
				}).then((row) -> assertThat(row.nextAttempt()).isEqualTo(NEXT_RUN)),
				new Case("held", Reason.HELD, "public.parents keeps it: legal_hold").when(() -> {
					deleteParent(Duration.ZERO);
					execute("UPDATE parents SET legal_hold = true");
				}).then(obstacle(Reason.HELD, "public.parents", null)),
				new Case("held below", Reason.HELD, "hold condition of public.children").when(() -> {
					deleteParent(Duration.ZERO);
					execute("UPDATE children SET legal_hold = true");
				}).then(obstacle(Reason.HELD, "public.children", null)),
				new Case("held when last tried, free now", Reason.DUE, "obstacle no longer exists").when(() -> {
					deleteParent(Duration.ZERO);
					execute("UPDATE parents SET legal_hold = true");
					application.purges().runDue();
					execute("UPDATE parents SET legal_hold = false");
				}).then((row) -> {
					assertThat(row.attempts()).isEqualTo(1);
					assertThat(row.nextAttempt()).isAfter(NEXT_RUN);
				}), new Case("kept by a restricting key", Reason.RESTRICTED, "foreign key notes_parent").when(() -> {
					deleteParent(Duration.ZERO);
					execute("INSERT INTO notes (id, parent_id) VALUES (20, 1)");
				}).then(obstacle(Reason.RESTRICTED, "public.notes", "notes_parent")),
				new Case("referred to by a row that goes before", Reason.DUE, "nothing keeps it").when(() -> {
					deleteParent(Duration.ZERO);
					execute("INSERT INTO notes (id, parent_id) VALUES (20, 1)");
					application.deletes().from("notes").byId(20).scheduled(Duration.ZERO).execute();
				}), new Case("a live row belongs to it", Reason.KEPT, "a live row of public.children").when(() -> {
					deleteParent(Duration.ZERO);
					execute("INSERT INTO children (id, parent_id) VALUES (11, 1)");
				}).then(obstacle(Reason.KEPT, "public.children", null)),
				new Case("a row with a later time belongs to it", Reason.KEPT, "not to be purged yet").when(() -> {
					application.deletes().from("children").byId(10).execute();
					deleteParent(Duration.ZERO);
				}).then(obstacle(Reason.KEPT, "public.children", null)),
				new Case("locked", Reason.LOCKED, "locked it").when(() -> {
					deleteParent(Duration.ZERO);
				}).lockedBy("SELECT * FROM parents WHERE id = 1 FOR KEY SHARE"),
				new Case("locked below", Reason.LOCKED, "a dependent row of public.children").when(() -> {
					deleteParent(Duration.ZERO);
				}).lockedBy("UPDATE children SET legal_hold = false"),
				new Case("failed", Reason.FAILED, "the last of 1 attempt(s) failed").when(() -> {
					deleteParent(Duration.ZERO);
					execute("CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no way''; END'");
					execute("CREATE TRIGGER refuse BEFORE DELETE ON parents FOR EACH ROW EXECUTE FUNCTION refuse()");
					application.purges().runDue();
				}).then((row) -> {
					assertThat(row.lastError()).contains("no way");
					assertThat(row.attempts()).isEqualTo(1);
					assertThat(row.nextAttempt()).isAfter(NEXT_RUN);
				}), new Case("its table is paused", Reason.PAUSED, "public.parents has been paused since").when(() -> {
					deleteParent(Duration.ZERO);
					application.pending().pause("parents");
				}).then((row) -> assertThat(row.pausedSince()).isBefore(application.now())),
				new Case("all tables are paused", Reason.PAUSED, "all tables has been paused since").when(() -> {
					deleteParent(Duration.ZERO);
					application.pending().pause(null);
				}).then((row) -> assertThat(row.nextAttempt()).isNull()),
				new Case("past the point of no return", Reason.PURGING, "can no longer be restored").when(() -> {
					deleteParent(Duration.ZERO);
					execute("UPDATE deletion_chunk SET purging_since = clock_timestamp() WHERE root");
				}), new Case("goes with its root", Reason.WITH_ROOT, "row of public.parents").of("children", 10L)
					.when(() -> {
						deleteParent(Duration.ZERO);
					})
					.then((row) -> {
						assertThat(row.nextAttempt()).isEqualTo(NEXT_RUN);
						assertThat(row.root().key()).containsExactly("1");
						assertThat(row.root().forecast().reason()).isEqualTo(Reason.DUE);
						assertThat(row.root().forecast().operationId()).isEqualTo(row.operationId());
					}),
				new Case("its root is kept", Reason.WITH_ROOT, "foreign key notes_parent").of("children", 10L)
					.when(() -> {
						deleteParent(Duration.ZERO);
						execute("INSERT INTO notes (id, parent_id) VALUES (20, 1)");
					})
					.then((row) -> assertThat(row.root().forecast().reason()).isEqualTo(Reason.RESTRICTED)),
				new Case("moved to a live root", Reason.LEFT_BEHIND, "never purged").of("children", 10L).when(() -> {
					deleteParent(Duration.ZERO);
					execute("UPDATE children SET parent_id = 2");
				}),
				new Case("removed by other means", Reason.GONE, "removed by other means than the purge").when(() -> {
					deleteParent(Duration.ZERO);
					execute("DELETE FROM parents WHERE id = 1");
				}), new Case("purged", Reason.UNKNOWN, "It was purged").when(() -> {
					deleteParent(Duration.ZERO);
					assertThat(application.purges().runDue().total()).isEqualTo(2);
				}), new Case("never there", Reason.UNKNOWN, "never existed").of("parents", 999L).when(() -> {
				}));
	}

	@ParameterizedTest
	@MethodSource("cases")
	void eachStateIsTold(Case state) throws Exception {
		state.prepare().run();
		RowStatus row;
		if (state.lock() != null) {
			try (Connection user = application.database().dataSource().getConnection();
					Statement statement = user.createStatement()) {
				user.setAutoCommit(false);
				statement.execute(state.lock());
				row = application.bean(DeletionEngine.class).diagnosis().ask(state.table(), state.id());
				user.rollback();
			}
			assertThat(application.bean(DeletionEngine.class).diagnosis().ask(state.table(), state.id()).reason())
				.isEqualTo(Reason.DUE);
		}
		else {
			row = application.bean(DeletionEngine.class).diagnosis().ask(state.table(), state.id());
		}
		assertThat(row.reason()).as("%s", row).isEqualTo(state.reason());
		assertThat(row.text()).contains(state.text());
		assertThat(row.table()).isEqualTo("public." + state.table());
		state.more().accept(row);
	}

	@Test
	void everyReasonHasACase() {
		assertThat(cases().map(Case::reason)).contains(Reason.values());
	}

	@Test
	void compositeKeysAreAskedForByColumnOrByTexts() {
		RowDiagnosis inquiry = application.bean(DeletionEngine.class).diagnosis();
		application.deletes()
			.from("pairs")
			.byId(Map.of("tenant", "a/b,c", "no", 1))
			.scheduled(Duration.ofDays(1))
			.execute();
		assertThat(inquiry.ask("pairs", Map.of("tenant", "a/b,c", "no", 1)).reason()).isEqualTo(Reason.PENDING);
		assertThat(inquiry.askByText("pairs", List.of("a/b,c", "1")).reason()).isEqualTo(Reason.PENDING);
		assertThat(inquiry.askByText("pairs", List.of("a/b,c", "2")).reason()).isEqualTo(Reason.UNKNOWN);
	}

	@Test
	void questionsThatMakeNoSenseAreRefused() {
		RowDiagnosis inquiry = application.bean(DeletionEngine.class).diagnosis();
		assertThatExceptionOfType(UnknownTableException.class).isThrownBy(() -> inquiry.ask("nobody", 1));
		assertThatExceptionOfType(InvalidIdException.class).isThrownBy(() -> inquiry.ask("parents", "one"));
		assertThatExceptionOfType(InvalidIdException.class)
			.isThrownBy(() -> inquiry.askByText("pairs", List.of("a/b,c")))
			.withMessageContaining("(tenant, no)");
		assertThatExceptionOfType(DataAccessException.class)
			.isThrownBy(() -> inquiry.askByText("parents", List.of("one")));
	}

	/**
	 * A row that nobody is at is not locked, not even for a moment.
	 */
	@Test
	void aQuestionLeavesNoTrace() {
		deleteParent(Duration.ZERO);
		String before = state();
		application.bean(DeletionEngine.class).diagnosis().ask("parents", 1);
		assertThat(state()).isEqualTo(before);
	}

	private static String state() {
		return application.jdbc()
			.sql("SELECT string_agg(concat_ws(',', id, xmin, xmax, ctid), ';') FROM parents")
			.query(String.class)
			.single();
	}

	@Test
	void theNextRunIsQuartzsWhereThisNodePurges() {
		try (Application purging = Application
			.of(application.database(), "deletion-policy.purge.enabled=true", "deletion-policy.purge.interval=1h",
					"deletion-policy.tables.parents.mode=scheduled", "deletion-policy.tables.parents.delay=30d")
			.start()) {
			deleteParent(Duration.ZERO);
			RowStatus row = purging.bean(DeletionEngine.class).diagnosis().ask("parents", 1);
			assertThat(row.reason()).isEqualTo(Reason.DUE);
			assertThat(row.nextAttempt()).isBetween(Instant.now().plus(50, ChronoUnit.MINUTES),
					Instant.now().plus(61, ChronoUnit.MINUTES));
		}
	}

	private static DeletionResult deleteParent(Duration delay) {
		return application.deletes().from("parents").byId(1).scheduled(delay).execute();
	}

	private static void execute(String sql) {
		application.jdbc().sql(sql).update();
	}

	private static Consumer<RowStatus> obstacle(Reason reason, String table, @Nullable String constraint) {
		return (row) -> assertThat(row.obstacles()).singleElement().satisfies((obstacle) -> {
			assertThat(obstacle).extracting(Obstacle::reason, Obstacle::table, Obstacle::constraint)
				.containsExactly(reason, table, constraint);
		});
	}

	/**
	 * A row in a state.
	 */
	record Case(String name, Reason reason, String text, String table, Object id, Runnable prepare,
			@Nullable String lock, Consumer<RowStatus> more) {

		Case(String name, Reason reason, String text) {
			this(name, reason, text, "parents", 1L, () -> {
			}, null, (row) -> {
			});
		}

		Case of(String ofTable, Object ofId) {
			return new Case(this.name, this.reason, this.text, ofTable, ofId, this.prepare, this.lock, this.more);
		}

		Case when(Runnable preparing) {
			return new Case(this.name, this.reason, this.text, this.table, this.id, preparing, this.lock, this.more);
		}

		Case lockedBy(String sql) {
			return new Case(this.name, this.reason, this.text, this.table, this.id, this.prepare, sql, this.more);
		}

		Case then(Consumer<RowStatus> checks) {
			return new Case(this.name, this.reason, this.text, this.table, this.id, this.prepare, this.lock, checks);
		}

		@Override
		public String toString() {
			return this.name;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class SevenMinutes {

		@Bean
		RowDiagnosis.NextRun sevenMinutes() {
			return () -> NEXT_RUN;
		}

	}

}
