package io.github.deletionpolicy.history;

import java.time.Duration;

import io.github.deletionpolicy.CascadeMode;
import io.github.deletionpolicy.DeleteOperations.Mode;
import io.github.deletionpolicy.DeletionMode;

/**
 * The kinds of operations. A new one needs a line here; if it deletes or restores by the
 * library, the checker asks {@link #deletes()}, {@link #restores()} and
 * {@link #meaning(Step)} for what it may do.
 */
enum OperationKind {

	INSERT(7, Client::insert), READ(2, Client::read), TOUCH(3, Client::touch), HOLD(5, Client::hold),
	RELEASE(6, Client::release), MOVE(5, Client::move), RESTORE_BY_SQL(6, Client::restoreBySql),
	STAMP_BY_SQL(1, Client::stampBySql), SAVE_STALE(6, Client::saveStale), REMOVE_BY_SQL(1, Client::removeBySql),

	DELETE(10, (client, step, call) -> client.delete(step, call, Mode::execute)),
	DELETE_MANY(4, (client, step, call) -> client.deleteMany(step, call)),
	DELETE_WHERE(5, (client, step, call) -> client.deleteWhere(step, call)),
	DELETE_SOFT(3, (client, step, call) -> client.delete(step, call, (mode) -> mode.soft().execute())),
	DELETE_SCHEDULED(10,
			(client, step, call) -> client.delete(step, call, (mode) -> mode.scheduled(step.delay()).execute())),
	DELETE_LATE(3,
			(client, step, call) -> client.delete(step, call, (mode) -> mode.scheduled(Relation.LATE).execute())),
	DELETE_HARD(2, (client, step, call) -> client.delete(step, call, (mode) -> mode.hard().execute())),
	DELETE_AGAIN(5,
			(client, step, call) -> client.delete(step, call,
					(mode) -> mode.scheduled(step.delay()).includingDeleted().execute())),
	DELETE_ALONE(2,
			(client, step, call) -> client.delete(step, call,
					(mode) -> mode.scheduled(step.delay()).cascade(CascadeMode.NONE).execute())),

	RESTORE(8, Client::restore), RESTORE_ROW(7, Client::restoreRow),

	PURGE_NOW(5, Client::purgeNow), CANCEL(4, Client::cancel), RETRY(1, Client::retry), PAUSE(1, Client::pause),
	RESUME(2, Client::resume), PAUSE_ALL(1, Client::pauseAll), RESUME_ALL(2, Client::resumeAll),

	TRANSACTION(14, Client::transaction), WAIT(5, Client::rest);

	private final int weight;

	private final Act act;

	OperationKind(int weight, Act act) {
		this.weight = weight;
		this.act = act;
	}

	/**
	 * Return how often it comes, compared to others.
	 */
	int weight() {
		return this.weight;
	}

	Act act() {
		return this.act;
	}

	/**
	 * Return whether it deletes rows by the library.
	 */
	boolean deletes() {
		return name().startsWith("DELETE");
	}

	/**
	 * Return whether it restores rows by the library.
	 */
	boolean restores() {
		return this == RESTORE || this == RESTORE_ROW;
	}

	/**
	 * Return whether it may be a part of a caller's transaction. What pauses takes effect
	 * only when that has committed.
	 */
	boolean joins() {
		return this != TRANSACTION && this != PAUSE && this != PAUSE_ALL && this != RESUME && this != RESUME_ALL;
	}

	/**
	 * Return whether it concerns rows whose table has a deletion time.
	 */
	boolean isForTimed() {
		return this == SAVE_STALE || this == RESTORE_BY_SQL || this == STAMP_BY_SQL || restores()
				|| (deletes() && this != DELETE_HARD && this != DELETE);
	}

	/**
	 * Return what a delete means.
	 */
	ResolvedPolicy resolve(Step step) {
		return switch (this) {
			case DELETE, DELETE_MANY, DELETE_WHERE -> step.relation().resolve(step.changed());
			case DELETE_SOFT -> new ResolvedPolicy(DeletionMode.SOFT, Duration.ZERO);
			case DELETE_SCHEDULED, DELETE_AGAIN, DELETE_ALONE ->
				new ResolvedPolicy(DeletionMode.SCHEDULED, step.delay());
			case DELETE_LATE -> new ResolvedPolicy(DeletionMode.SCHEDULED, Relation.LATE);
			case DELETE_HARD -> ResolvedPolicy.HARD;
			default -> throw new IllegalStateException(this + " deletes nothing by the library");
		};
	}

	/**
	 * Does what a step says.
	 */
	interface Act {

		void perform(Client client, Step step, ClientCall call);

	}

}
