package io.github.deletionpolicy.history;

import java.time.Instant;
import java.util.UUID;

import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.RestoreResult;
import org.jspecify.annotations.Nullable;

/**
 * What a client asked for and what it was told.
 */
final class ClientCall {

	private final String tag;

	private final int client;

	private final Step step;

	private final boolean strict;

	private @Nullable Instant begin;

	private @Nullable Instant end;

	private Outcome outcome = Outcome.UNKNOWN;

	private @Nullable UUID operation;

	private @Nullable DeletionResult deletion;

	private @Nullable RestoreResult restore;

	private @Nullable String error;

	ClientCall(String tag, int client, Step step, boolean strict) {
		this.tag = tag;
		this.client = client;
		this.step = step;
		this.strict = strict;
	}

	/**
	 * Return the name under which the database has written down what it did.
	 */
	String tag() {
		return this.tag;
	}

	Step step() {
		return this.step;
	}

	OperationKind kind() {
		return this.step.kind();
	}

	/**
	 * Return whether it was part of a transaction with its own snapshot.
	 */
	boolean isStrict() {
		return this.strict;
	}

	/**
	 * Return an instant before it began, by the database's clock.
	 */
	Instant begin() {
		return (this.begin != null) ? this.begin : Instant.MIN;
	}

	/**
	 * Return an instant by which it was over, with its transaction.
	 */
	Instant end() {
		return (this.end != null) ? this.end : Instant.MAX;
	}

	Outcome outcome() {
		return this.outcome;
	}

	boolean isCommitted() {
		return this.outcome == Outcome.COMMITTED;
	}

	/**
	 * Return whether it has had its effect, as far as the client can tell.
	 */
	boolean mayBeCommitted() {
		return this.outcome == Outcome.COMMITTED || this.outcome == Outcome.UNKNOWN;
	}

	/**
	 * Return the operation that it was about.
	 */
	@Nullable UUID operation() {
		return this.operation;
	}

	@Nullable DeletionResult deletion() {
		return this.deletion;
	}

	@Nullable RestoreResult restore() {
		return this.restore;
	}

	void began(Instant at) {
		if (this.begin == null) {
			this.begin = at;
		}
	}

	void about(UUID asked) {
		this.operation = asked;
	}

	void answered(DeletionResult answer) {
		this.deletion = answer;
	}

	void answered(RestoreResult answer) {
		this.restore = answer;
	}

	void refused(RuntimeException ex) {
		this.outcome = Outcome.REFUSED;
		this.error = String.valueOf(ex.getMessage());
	}

	/**
	 * Note how it ended. What was refused stays so, however the transaction ends.
	 */
	void ended(Outcome how, Instant at) {
		if (this.outcome != Outcome.REFUSED) {
			this.outcome = how;
		}
		this.end = at;
	}

	@Override
	public String toString() {
		return "%s (client %d) %s -> %s%s%s%s, %s to %s".formatted(this.tag, this.client, this.step, this.outcome,
				(this.deletion != null) ? " " + this.deletion : "", (this.restore != null) ? " " + this.restore : "",
				(this.error != null) ? " " + this.error : (this.operation != null) ? " " + this.operation : "",
				this.begin, this.end);
	}

	/**
	 * What became of it.
	 */
	enum Outcome {

		COMMITTED, ROLLED_BACK,
		/** The library refused it, and nothing was done. */
		REFUSED,
		/** The connection was lost. */
		UNKNOWN

	}

}
