package io.github.deletionpolicy.benchmarks.scenario;

import java.util.List;
import java.util.function.Supplier;

import io.github.deletionpolicy.benchmarks.database.Application;
import io.github.deletionpolicy.benchmarks.database.Database;
import io.github.deletionpolicy.benchmarks.database.RawPurge;
import io.github.deletionpolicy.benchmarks.database.Server;
import io.github.deletionpolicy.benchmarks.database.Snapshot;
import io.github.deletionpolicy.benchmarks.database.Snapshots;
import io.github.deletionpolicy.benchmarks.measure.Progress;
import io.github.deletionpolicy.benchmarks.measure.Rounds;
import io.github.deletionpolicy.benchmarks.measure.Stopwatch;

/**
 * What scenarios work with: one server, and on it an application with the product.
 *
 * @since 0.1
 */
public final class Workbench implements AutoCloseable {

	private final Sizes sizes;

	private final Progress progress;

	private final Server server;

	private final Application application;

	private final Snapshots snapshots;

	/**
	 * Start the server and the application.
	 * @param sizes how much of everything
	 * @param progress is told what happens
	 */
	public Workbench(Sizes sizes, Progress progress) {
		this.sizes = sizes;
		this.progress = progress;
		this.server = Server.start();
		try {
			this.application = Application.start(this.server.url());
		}
		catch (RuntimeException ex) {
			this.server.close();
			throw ex;
		}
		this.snapshots = new Snapshots(this.application);
	}

	Sizes sizes() {
		return this.sizes;
	}

	Application application() {
		return this.application;
	}

	Snapshots snapshots() {
		return this.snapshots;
	}

	String url() {
		return this.server.url();
	}

	/**
	 * Return the database.
	 * @return the database, through the application's pool
	 */
	public Database database() {
		return this.application.database();
	}

	void tell(String text) {
		this.progress.tell("  " + text);
	}

	/**
	 * Let contenders take turns.
	 * @param what is told before each round
	 * @param contenders what each of them does in its turn
	 * @param <T> a figure, or several of one turn
	 * @return the figures
	 */
	@SafeVarargs
	@SuppressWarnings("varargs")
	final <T> Rounds<T> rounds(String what, Supplier<T>... contenders) {
		return Rounds.take(this.sizes.repetitions(), () -> tell(what), List.of(contenders));
	}

	/**
	 * Lay out a snapshot and purge it with the product.
	 * @param snapshot what is due
	 * @param purging purges
	 * @return rows per second
	 */
	double purgeRate(Snapshot snapshot, Application purging) {
		snapshot.layOut();
		return Stopwatch.rate(snapshot.rows(), () -> purging.purge(snapshot.rows()));
	}

	/**
	 * Lay out a snapshot of rows that were deleted in bulk and purge it with raw SQL.
	 * @param snapshot what is due
	 * @param connections how many work at it
	 * @return rows per second
	 */
	double rawBulkRate(Snapshot snapshot, int connections) {
		snapshot.layOutWithoutLedger();
		RawPurge purge = RawPurge.inBulk(database(), snapshot);
		return Stopwatch.rate(snapshot.rows(), () -> purge.run(connections));
	}

	/**
	 * Lay out a snapshot of rows that were deleted one by one and purge it with raw SQL.
	 * @param snapshot what is due
	 * @return rows per second
	 */
	double rawSingleRate(Snapshot snapshot) {
		snapshot.layOutWithoutLedger();
		RawPurge purge = RawPurge.oneByOne(database(), snapshot);
		return Stopwatch.rate(snapshot.rows(), () -> purge.run(1));
	}

	@Override
	public void close() {
		try (this.server) {
			this.application.close();
		}
	}

}
