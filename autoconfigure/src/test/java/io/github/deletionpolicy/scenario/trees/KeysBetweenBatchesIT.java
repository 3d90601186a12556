package io.github.deletionpolicy.scenario.trees;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;

import io.github.deletionpolicy.PurgeListener;
import io.github.deletionpolicy.purge.Purger;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.scenario.TreeTables;
import io.github.deletionpolicy.support.TestDatabase;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * A run looks at what its tables cascade to less often than it removes rows. A cascading
 * key that comes between two of its batches must not take live rows along.
 */
class KeysBetweenBatchesIT {

	private static final AtomicReference<@Nullable Runnable> inTheFirstBatch = new AtomicReference<>();

	private @Nullable Application application;

	@AfterEach
	void stop() {
		inTheFirstBatch.set(null);
		if (this.application != null) {
			this.application.close();
		}
	}

	@ParameterizedTest
	@EnumSource
	void aCascadingKeyThatComesBetweenTwoBatchesTakesNoLiveRowAlong(Deleted deleted) {
		Application application = start(deleted);
		deleted.by(application);
		CompletableFuture<Void> added = new CompletableFuture<>();
		inTheFirstBatch.set(() -> {
			TreeTables.THREADS.execute(() -> {
				try {
					application.database()
						.jdbc()
						.sql("ALTER TABLE orders ADD FOREIGN KEY (user_id) REFERENCES users ON DELETE CASCADE")
						.update();
					added.complete(null);
				}
				catch (RuntimeException ex) {
					added.completeExceptionally(ex);
				}
			});
			application.awaitLockWaiter();
			assertThat(added).isNotDone();
		});
		application.bean(Purger.class).purge();
		added.join();
		application.bean(Purger.class).purge();
		assertThat(application.ids("orders")).hasSize(100);
		assertThat(application.ids("users"))
			.containsExactlyElementsOf(LongStream.rangeClosed(901, 1000).boxed().toList());
	}

	private Application start(Deleted deleted) {
		TestDatabase database = TestDatabase.create();
		database.execute("""
				CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz);
				CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, deletion_time timestamptz);
				CREATE TABLE notes (id bigint PRIMARY KEY, user_id bigint %s, deletion_time timestamptz);
				INSERT INTO users SELECT generate_series(1, 1000);
				INSERT INTO orders SELECT n, n FROM generate_series(901, 1000) n"""
			.formatted((deleted == Deleted.AS_TREES) ? "REFERENCES users ON DELETE CASCADE" : ""));
		this.application = Application
			.of(database, "deletion-policy.tables.users.mode=scheduled", "deletion-policy.tables.users.delay=0",
					"deletion-policy.purge.batch-size=100")
			.with(Listening.class)
			.start();
		return this.application;
	}

	enum Deleted {

		IN_ONE_CALL, ONE_BY_ONE, AS_TREES;

		void by(Application application) {
			if (this == ONE_BY_ONE) {
				LongStream.rangeClosed(1, 1000).forEach((id) -> application.deletes().from("users").byId(id).execute());
			}
			else {
				application.deletes().from("users").all().scheduled(Duration.ZERO).execute();
			}
		}

	}

	@Configuration(proxyBeanMethods = false)
	static class Listening {

		@Bean
		PurgeListener first() {
			return (rows) -> {
				Runnable work = inTheFirstBatch.getAndSet(null);
				if (work != null) {
					work.run();
				}
			};
		}

	}

}
