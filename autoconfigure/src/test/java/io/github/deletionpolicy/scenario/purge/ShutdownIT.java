package io.github.deletionpolicy.scenario.purge;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

import io.github.deletionpolicy.PurgeListener;
import io.github.deletionpolicy.scenario.Application;
import io.github.deletionpolicy.scenario.TreeTables;
import io.github.deletionpolicy.support.TestDatabase;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

import static org.assertj.core.api.Assertions.assertThat;

/**
 * An application that stops in the middle of a purge: the batch at work is committed, no
 * other one begins, and nothing is logged that would worry somebody.
 */
@ExtendWith(OutputCaptureExtension.class)
class ShutdownIT {

	private static final int ROWS = 1000;

	private static final int BATCH = 10;

	private static volatile CountDownLatch inABatch;

	private static volatile CountDownLatch goOn;

	private final TestDatabase database = TestDatabase.create();

	@BeforeEach
	void thousandUsers() {
		inABatch = new CountDownLatch(1);
		goOn = new CountDownLatch(1);
		this.database.jdbc().sql("CREATE TABLE users (id bigint PRIMARY KEY, deletion_time timestamptz)").update();
		this.database.jdbc().sql("INSERT INTO users SELECT generate_series(1, ?)").param(ROWS).update();
	}

	@Test
	void theBatchAtWorkIsCommittedAndNoOtherOneBegins(CapturedOutput output) throws InterruptedException {
		Application application = purging();
		application.deletes().from("users").all().execute();
		assertThat(inABatch.await(5, TimeUnit.MINUTES)).isTrue();
		CompletableFuture<Void> closed = CompletableFuture.runAsync(application::close, TreeTables.THREADS);
		Awaitility.await()
			.until(() -> Thread.getAllStackTraces()
				.values()
				.stream()
				.flatMap(Arrays::stream)
				.anyMatch((frame) -> frame.getMethodName().equals("stop")
						&& frame.getClassName().startsWith("io.github.deletionpolicy.purge.")));
		assertThat(closed).isNotDone();
		goOn.countDown();
		closed.join();
		assertThat(rows()).isEqualTo(ROWS - BATCH);
		assertThat(output).doesNotContain("ERROR", "WARN", "Exception");
	}

	@Test
	void anotherStartGoesOnWhereItStopped() throws InterruptedException {
		Application application = purging();
		application.deletes().from("users").all().execute();
		assertThat(inABatch.await(5, TimeUnit.MINUTES)).isTrue();
		goOn.countDown();
		application.close();
		try (Application next = purging()) {
			Awaitility.await().until(() -> rows() == 0);
			assertThat(next.pending().summary()).allMatch((table) -> table.pending() == 0);
		}
	}

	private Application purging() {
		return Application
			.of(this.database, "deletion-policy.tables.users.mode=scheduled", "deletion-policy.tables.users.delay=0s",
					"deletion-policy.purge.enabled=true", "deletion-policy.purge.interval=1s",
					"deletion-policy.purge.batch-size=" + BATCH)
			.with(Listening.class)
			.start();
	}

	private long rows() {
		return this.database.jdbc().sql("SELECT count(*) FROM users").query(Long.class).single();
	}

	@Configuration(proxyBeanMethods = false)
	static class Listening {

		@Bean
		PurgeListener waiting() {
			return (rows) -> {
				inABatch.countDown();
				try {
					goOn.await(5, TimeUnit.MINUTES);
				}
				catch (InterruptedException ex) {
					Thread.currentThread().interrupt();
				}
			};
		}

	}

}
