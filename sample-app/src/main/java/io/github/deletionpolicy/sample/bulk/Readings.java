package io.github.deletionpolicy.sample.bulk;

import java.time.Duration;
import java.util.Optional;

import io.github.deletionpolicy.AsyncDeletion;
import io.github.deletionpolicy.AsyncOptions;
import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.PendingPurges.AsyncSummary;

import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/**
 * Many rows: writes them, counts them, and deletes them in batches.
 */
@Component
class Readings {

	private static final String TABLE = "readings";

	static final int MANY = 200_000;

	/**
	 * The pause is there to be watched, and to leave the database to others.
	 */
	private static final AsyncOptions OPTIONS = new AsyncOptions(2000, Duration.ofMillis(40));

	private final JdbcClient jdbc;

	private final DeleteOperations deletes;

	private final PendingPurges purges;

	Readings(JdbcClient jdbc, DeleteOperations deletes, PendingPurges purges) {
		this.jdbc = jdbc;
		this.deletes = deletes;
		this.purges = purges;
	}

	void generate() {
		this.jdbc.sql("""
				INSERT INTO readings (taken_at, celsius)
				SELECT now() - number * interval '1 minute', 12 + 9 * sin(number / 230.0)
				FROM generate_series(1, ?) AS number
				""").param(MANY).update();
	}

	long count() {
		return this.jdbc.sql("SELECT count(*) FROM readings").query(Long.class).single();
	}

	/**
	 * Accept the delete, which begins a moment later on one of the instances.
	 */
	void deleteAll() {
		this.deletes.from(TABLE).all().hard().executeAsync(OPTIONS);
	}

	/**
	 * Return the delete that is at work, else the last one, whichever instance accepted
	 * it.
	 */
	Optional<AsyncSummary> lastDelete() {
		return this.purges.asyncDeletions()
			.stream()
			.filter((deletion) -> deletion.table().equals("public." + TABLE))
			.findFirst();
	}

	void cancel() {
		lastDelete().map(AsyncSummary::operationId).map(this.purges::asyncDeletion).ifPresent(AsyncDeletion::cancel);
	}

}
