package io.github.deletionpolicy.history;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * What the clients and workers of a history write down.
 */
final class Log {

	private final Queue<ClientCall> call = new ConcurrentLinkedQueue<>();

	private final Queue<String> unexpected = new ConcurrentLinkedQueue<>();

	private final Map<Incident, Integer> incidents = new EnumMap<>(Incident.class);

	void add(ClientCall asked) {
		this.call.add(asked);
	}

	List<ClientCall> calls() {
		return List.copyOf(this.call);
	}

	void unexpected(String where, Throwable ex) {
		StringWriter text = new StringWriter();
		ex.printStackTrace(new PrintWriter(text));
		this.unexpected.add("unexpected failure: " + where + "\n" + text);
	}

	/**
	 * Note a failure, unless the server was lost.
	 */
	void lost(RuntimeException ex, String where) {
		if (!HistoryRunner.isLost(ex)) {
			unexpected(where, ex);
		}
	}

	List<String> unexpected() {
		return List.copyOf(this.unexpected);
	}

	synchronized void happened(Incident incident) {
		this.incidents.merge(incident, 1, Integer::sum);
	}

	synchronized Map<Incident, Integer> incidents() {
		return Map.copyOf(this.incidents);
	}

	/**
	 * Something that went wrong on purpose.
	 */
	enum Incident {

		CLIENT_DELAY, CLIENT_DROPPED_BEFORE_STATEMENT, CLIENT_DROPPED_BEFORE_COMMIT, CLIENT_DROPPED_AFTER_COMMIT,
		CLIENT_SERIALIZATION_FAILURE, CLIENT_DEADLOCK, CLIENT_STATEMENT_TIMEOUT, WORKER_DELAY,
		WORKER_DROPPED_BEFORE_STATEMENT, WORKER_DROPPED_BEFORE_COMMIT, WORKER_DROPPED_AFTER_COMMIT,
		WORKER_SERIALIZATION_FAILURE, WORKER_DEADLOCK, WORKER_STATEMENT_TIMEOUT, WORKER_INTERRUPTED, WORKER_STOPPED,
		LISTENER_THREW, SERVER_KILLED, DISK_FULL, DISK_FULL_FOR_CLIENT, DISK_FULL_FOR_WORKER;

		static Incident of(boolean client, Fault.Type type) {
			return valueOf((client ? "CLIENT_" : "WORKER_") + type.name());
		}

	}

}
