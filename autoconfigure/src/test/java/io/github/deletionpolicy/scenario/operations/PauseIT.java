package io.github.deletionpolicy.scenario.operations;

import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;

import io.github.deletionpolicy.PendingPurges.TableSummary;
import io.github.deletionpolicy.PurgeListener;
import io.github.deletionpolicy.purge.PurgeReport;
import io.github.deletionpolicy.purge.Purger;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.scenario.TreeTables;
import io.github.deletionpolicy.support.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A pause that another node asks for in the middle of a purge: when it returns nothing
 * goes any more, on no node and after no restart, until somebody resumes.
 */
class PauseIT {

	private static final int ROWS = 1000;

	/**
	 * What happens inside the third batch of users, before it commits.
	 */
	private static final AtomicReference<@Nullable Runnable> inTheMiddle = new AtomicReference<>();

	private final TestDatabase database = TestDatabase.create();

	private Application application;

	@BeforeEach
	void deleteUsersAndDocuments() {
		for (String table : new String[] { "users", "documents" }) {
			this.database.jdbc()
				.sql("CREATE TABLE %s (id bigint PRIMARY KEY, deletion_time timestamptz)".formatted(table))
				.update();
			this.database.jdbc()
				.sql("INSERT INTO %s SELECT generate_series(1, ?)".formatted(table))
				.param(ROWS)
				.update();
		}
		start();
		this.application.deletes().from("users").all().scheduled().execute();
		this.application.deletes().from("documents").all().scheduled().execute();
	}

	@AfterEach
	void stop() {
		this.application.close();
	}

	@ParameterizedTest
	@EnumSource
	void noRowGoesAfterAPauseHasReturned(Scope scope) throws Exception {
		Application operator = Application.of(this.database).start();
		var pause = new CompletableFuture<Map<String, Integer>>();
		inTheMiddle.set(() -> {
			TreeTables.THREADS.execute(() -> {
				try {
					operator.pending().pause(scope.table);
					pause.complete(rows());
				}
				catch (RuntimeException ex) {
					pause.completeExceptionally(ex);
				}
			});
			this.application.awaitLockWaiter();
			assertThat(pause).isNotDone();
		});
		PurgeReport report = this.application.bean(Purger.class).purge();
		Map<String, Integer> afterPause = pause.get(5, TimeUnit.MINUTES);
		operator.close();
		assertThat(inTheMiddle.get()).isNull();
		assertThat(afterPause.get("users")).isPositive().isLessThan(ROWS);
		assertThat(rows().get("users")).isEqualTo(afterPause.get("users"));
		assertThat(report.rows()).containsEntry("public.users", (long) ROWS - afterPause.get("users"));
		assertThat(report.failed() + report.blocked()).isZero();
		assertThatOnlyTheScopeWasPaused(scope, afterPause);
		restart();
		assertThat(this.application.bean(Purger.class).purge().total()).isZero();
		assertThat(this.application.purges().runDue().total()).isZero();
		assertThat(rows().get("users")).isEqualTo(afterPause.get("users"));
		assertThatOnlyTheScopeWasPaused(scope, afterPause);
		restart();
		this.application.pending().resume(scope.table);
		assertThat(paused("public.users")).isFalse();
		this.application.bean(Purger.class).purge();
		assertThat(rows()).isEqualTo(Map.of("users", 0, "documents", 0));
		assertThat(this.application.chunks()).isZero();
	}

	/**
	 * To resume one says what was paused: the pause of a table outlives that of all.
	 */
	@ParameterizedTest
	@EnumSource
	void whatWasPausedByItselfAndWithAllOthersWaitsForBoth(Scope first) {
		this.application.pending().pause("users");
		this.application.pending().pause(null);
		this.application.pending().resume(first.table);
		this.application.bean(Purger.class).purge();
		assertThat(rows().get("users")).isEqualTo(ROWS);
		assertThat(rows().get("documents")).isEqualTo((first == Scope.ALL) ? 0 : ROWS);
		assertThat(paused("public.users")).isTrue();
		this.application.pending().resume((first == Scope.ALL) ? "users" : null);
		this.application.bean(Purger.class).purge();
		assertThat(rows()).isEqualTo(Map.of("users", 0, "documents", 0));
	}

	/**
	 * A run skips what another transaction holds, and may begin behind it as soon as a
	 * look has found nothing left there. While a table is paused nobody looks.
	 */
	@ParameterizedTest
	@EnumSource
	void whatWasLeftBehindBeforeAPauseIsPurgedAfterIt(Scope scope) {
		this.application.bean(Purger.class).purge();
		this.database.jdbc().sql("INSERT INTO users VALUES (1), (2)").update();
		this.application.deletes().from("users").byId(1).scheduled().execute();
		this.application.transactions().executeWithoutResult((status) -> {
			this.application.jdbc().sql("SELECT 1 FROM deletion_chunk FOR UPDATE").query(Integer.class).list();
			CompletableFuture.runAsync(() -> {
				this.application.deletes().from("users").byId(2).scheduled().execute();
				assertThat(this.application.bean(Purger.class).purge().total()).isOne();
			}, TreeTables.THREADS).join();
			assertThat(this.application.ids("users")).containsExactly(1L);
		});
		this.application.pending().pause(scope.table);
		this.application.bean(Purger.class).purge();
		this.application.pending().resume(scope.table);
		this.application.bean(Purger.class).purge();
		assertThat(this.application.ids("users")).isEmpty();
	}

	private void assertThatOnlyTheScopeWasPaused(Scope scope, Map<String, Integer> afterPause) {
		assertThat(paused("public.users")).isTrue();
		assertThat(paused("public.documents")).isEqualTo(scope == Scope.ALL);
		assertThat(rows().get("documents")).isEqualTo((scope == Scope.ALL) ? afterPause.get("documents") : 0);
	}

	private boolean paused(String table) {
		return this.application.pending()
			.summary()
			.stream()
			.filter((it) -> it.table().equals(table))
			.map(TableSummary::paused)
			.findFirst()
			.orElseThrow();
	}

	private Map<String, Integer> rows() {
		return Map.of("users", this.application.ids("users").size(), "documents",
				this.application.ids("documents").size());
	}

	private void restart() {
		this.application.close();
		start();
	}

	/**
	 * Two workers, and a rate that is written down where a pause is.
	 */
	private void start() {
		this.application = Application
			.of(this.database, "deletion-policy.purge.batch-size=50", "deletion-policy.purge.concurrency=2",
					"deletion-policy.purge.max-rows-per-second=5000")
			.with(Listeners.class)
			.start();
	}

	enum Scope {

		ONE_TABLE("users"), ALL(null);

		private final @Nullable String table;

		Scope(@Nullable String table) {
			this.table = table;
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Listeners {

		@Bean
		PurgeListener interruptingListener() {
			AtomicInteger batches = new AtomicInteger();
			return (rows) -> {
				if (rows.table().equals("public.users") && batches.incrementAndGet() >= 3) {
					Runnable interruption = inTheMiddle.getAndSet(null);
					if (interruption != null) {
						interruption.run();
					}
				}
			};
		}

	}

}
