package io.github.deletionpolicy.history;

import java.sql.Connection;
import java.time.ZoneOffset;
import java.util.SplittableRandom;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

import io.github.deletionpolicy.PurgedRows;
import io.github.deletionpolicy.history.Fault.Type;
import io.github.deletionpolicy.history.FaultyDataSource.Source;
import io.github.deletionpolicy.history.Log.Incident;
import io.github.deletionpolicy.purge.Purger;

/**
 * One node that purges all the time, with a short interval, while things go wrong.
 */
final class Worker implements AutoCloseable {

	private static final long INTERVAL = TimeUnit.MILLISECONDS.toNanos(20);

	private static final Type[] TYPES = { Type.DELAY, Type.DELAY, Type.DELAY, Type.DROPPED_BEFORE_STATEMENT,
			Type.DROPPED_BEFORE_COMMIT, Type.DROPPED_AFTER_COMMIT, Type.SERIALIZATION_FAILURE, Type.DEADLOCK,
			Type.STATEMENT_TIMEOUT };

	private final Node node;

	private final Purger purger;

	private final Log log;

	private final int trouble;

	private final SplittableRandom random;

	private volatile boolean running = true;

	private Thread thread;

	Worker(Node node, History history, int number, Log log) {
		this.node = node;
		this.purger = node.purger(history.workers());
		this.log = log;
		this.trouble = history.workers().trouble();
		this.random = new SplittableRandom(history.seed() * 31 + number);
		this.thread = new Thread(this::work, "worker " + number);
	}

	Worker start() {
		this.node.dataSource().failBy(new Trouble());
		this.node.tell(this::hear);
		this.thread.start();
		return this;
	}

	private void work() {
		while (this.running) {
			try {
				this.purger.purge();
			}
			catch (RuntimeException ex) {
				String state = Client.stateOf(ex);
				noteFullDisk(ex);
				boolean expected = !state.isEmpty() || ex instanceof CompletionException;
				if (!expected) {
					this.log.unexpected(Thread.currentThread().getName(), ex);
				}
			}
			int lot = draw(100);
			if (lot < this.trouble / 2) {
				this.log.happened(Incident.WORKER_STOPPED);
				LockSupport.parkNanos(4 * INTERVAL);
			}
			else if (lot < this.trouble) {
				this.log.happened(Incident.WORKER_INTERRUPTED);
				Thread.currentThread().interrupt();
			}
			else {
				LockSupport.parkNanos(INTERVAL / 2 + draw((int) INTERVAL));
			}
		}
	}

	private synchronized int draw(int bound) {
		return this.random.nextInt(bound);
	}

	/**
	 * Writes down what it is told, in the transaction that purges.
	 */
	private void hear(PurgedRows rows) {
		if (draw(100) < this.trouble / 3) {
			this.log.happened(Incident.LISTENER_THREW);
			throw new IllegalStateException("a listener that throws on purpose");
		}
		try {
			write(this.node, rows);
		}
		catch (RuntimeException ex) {
			noteFullDisk(ex);
			throw ex;
		}
	}

	private void noteFullDisk(RuntimeException ex) {
		if (Client.stateOf(ex).equals("53100")) {
			this.log.happened(Incident.DISK_FULL_FOR_WORKER);
		}
	}

	static void write(Node node, PurgedRows rows) {
		node.jdbc()
			.batchUpdate(
					"INSERT INTO heard (relation, key, operation, token, txid) VALUES (?, ?, ?, ?, CAST(CAST(pg_current_xact_id() AS text) AS bigint))",
					rows.keys()
						.stream()
						.map((key) -> new Object[] { Relation.of(rows.table()).table(), key, rows.operationId(),
								rows.deletionTime().atOffset(ZoneOffset.UTC) })
						.toList());
	}

	@Override
	public void close() {
		this.running = false;
		try {
			this.thread.join(TimeUnit.SECONDS.toMillis(60));
		}
		catch (InterruptedException ex) {
			Thread.currentThread().interrupt();
		}
		if (this.thread.isAlive()) {
			this.log.unexpected("a worker does not end", new IllegalStateException());
		}
		this.node.dataSource().failBy(Source.NONE);
		this.node.tell((rows) -> write(this.node, rows));
	}

	private final class Trouble implements Source {

		@Override
		public InjectedFault opened(Connection connection) {
			return (draw(100) < Worker.this.trouble)
					? new InjectedFault(new Fault(TYPES[draw(TYPES.length)], 1 + draw(20)))
					: new InjectedFault(Fault.NONE);
		}

		@Override
		public void failed(Type type) {
			Worker.this.log.happened(Incident.of(false, type));
		}

	}

}
