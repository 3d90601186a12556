package io.github.deletionpolicy.history;

import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Function;

import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.DeleteOperations.Mode;
import io.github.deletionpolicy.DeleteTemplate;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.RestoreConflictException;
import io.github.deletionpolicy.RestrictedDeletionException;
import io.github.deletionpolicy.UnknownOperationException;
import io.github.deletionpolicy.history.Step.Ending;
import io.github.deletionpolicy.history.ClientCall.Outcome;
import org.jspecify.annotations.Nullable;

import org.springframework.dao.InvalidDataAccessApiUsageException;
import org.springframework.data.relational.core.query.Criteria;
import org.springframework.transaction.TransactionStatus;
import org.springframework.transaction.UnexpectedRollbackException;

/**
 * Carries out the program of one client and writes down what it was told.
 */
final class Client implements Runnable {

	/**
	 * What may happen to anybody who shares a database: serialization failure, deadlock,
	 * lock and statement timeout, a foreign key, a duplicate key, a full disk.
	 */
	private static final Set<String> ORDINARY = Set.of("40001", "40P01", "55P03", "57014", "23503", "23001", "23505",
			"53100");

	private static final int RECENT = 6;

	private static final ThreadLocal<@Nullable Client> current = new ThreadLocal<>();

	private final int number;

	private final List<Step> program;

	private final HistoryRunner runner;

	private final Log log;

	private final List<UUID> operations;

	private final Map<String, Map<String, @Nullable Object>> copies = new HashMap<>();

	private @Nullable ClientCall currentCall;

	private InjectedFault fault = new InjectedFault(Fault.NONE);

	Client(int number, List<Step> program, HistoryRunner runner, Log log, List<UUID> operations) {
		this.number = number;
		this.program = program;
		this.runner = runner;
		this.log = log;
		this.operations = operations;
	}

	/**
	 * Return what the calling thread is asking for; {@code null} if it is no client.
	 */
	static @Nullable Client current() {
		return current.get();
	}

	@Nullable ClientCall currentCall() {
		return this.currentCall;
	}

	InjectedFault fault() {
		return this.fault;
	}

	@Override
	public void run() {
		current.set(this);
		try {
			for (int i = 0; i < this.program.size(); i++) {
				Step step = this.program.get(i);
				this.fault = new InjectedFault(step.fault());
				ClientCall call = ask(this.number + "." + i, step, false);
				carryOut(call);
				this.currentCall = null;
				this.fault = new InjectedFault(Fault.NONE);
			}
		}
		catch (RuntimeException | Error ex) {
			this.log.unexpected(this + " stopped", ex);
		}
		finally {
			current.remove();
		}
	}

	private ClientCall ask(String tag, Step step, boolean strict) {
		ClientCall call = new ClientCall(tag, this.number, step, strict);
		this.log.add(call);
		this.currentCall = call;
		return call;
	}

	private void carryOut(ClientCall call) {
		Outcome outcome;
		try {
			call.kind().act().perform(this, call.step(), call);
			outcome = Outcome.COMMITTED;
		}
		catch (RuntimeException ex) {
			outcome = outcomeOf(ex, call);
		}
		if (call.kind() != OperationKind.TRANSACTION) {
			call.ended(outcome, this.runner.now());
		}
		if (call.kind().deletes() && call.step().other() == 1) {
			readAfterwards(call);
		}
	}

	private void readAfterwards(ClientCall call) {
		this.fault = new InjectedFault(Fault.NONE);
		try {
			read(call.step(), call);
		}
		catch (RuntimeException ex) {
			this.log.lost(ex, this + " reads");
		}
	}

	private Outcome outcomeOf(RuntimeException ex, ClientCall call) {
		if (isRefusal(ex, call)) {
			call.refused(ex);
			return Outcome.REFUSED;
		}
		String state = stateOf(ex);
		if (state.startsWith("08") || state.startsWith("57P")) {
			return Outcome.UNKNOWN;
		}
		if (state.equals("53100")) {
			this.log.happened(Log.Incident.DISK_FULL_FOR_CLIENT);
		}
		if (!ORDINARY.contains(state) && !(ex instanceof UnexpectedRollbackException)) {
			this.log.unexpected(call.toString(), ex);
		}
		return Outcome.ROLLED_BACK;
	}

	private static boolean isRefusal(RuntimeException ex, ClientCall call) {
		return ex instanceof RestoreConflictException || ex instanceof UnknownOperationException
				|| (ex instanceof RestrictedDeletionException && !isRefusedByTheDatabase(ex))
				|| (ex instanceof InvalidDataAccessApiUsageException && call.kind() == OperationKind.CANCEL);
	}

	/**
	 * A foreign key that refuses a hard delete ends the transaction, as it does without
	 * the library.
	 */
	private static boolean isRefusedByTheDatabase(RuntimeException ex) {
		return !stateOf(ex).isEmpty();
	}

	static String stateOf(Throwable exception) {
		for (Throwable cause = exception; cause != null; cause = cause.getCause()) {
			if (cause instanceof SQLException sql && sql.getSQLState() != null) {
				return sql.getSQLState();
			}
		}
		return "";
	}

	/**
	 * A transaction of the caller: what is refused in it leaves it usable.
	 */
	void transaction(Step step, ClientCall whole) {
		List<ClientCall> parts = new ArrayList<>();
		List<ClientCall> undone = new ArrayList<>();
		boolean strict = step.transaction().strict();
		Outcome outcome;
		try {
			this.runner.node(step.changed()).transactions(strict).executeWithoutResult((status) -> {
				inTransaction(step, whole, status, parts, undone);
				park(step.delay().toNanos());
				if (step.transaction().ending() == Ending.ROLLBACK) {
					status.setRollbackOnly();
				}
			});
			outcome = (step.transaction().ending() == Ending.ROLLBACK) ? Outcome.ROLLED_BACK : Outcome.COMMITTED;
		}
		catch (RuntimeException ex) {
			outcome = outcomeOf(ex, whole);
		}
		Instant end = this.runner.now();
		for (ClientCall part : parts) {
			part.ended(undone.contains(part) ? Outcome.ROLLED_BACK : outcome, end);
		}
		whole.ended(outcome, end);
	}

	private void inTransaction(Step step, ClientCall whole, TransactionStatus status, List<ClientCall> parts,
			List<ClientCall> undone) {
		List<Step> steps = step.transaction().steps();
		for (int i = 0; i < steps.size(); i++) {
			ClientCall part = ask(whole.tag() + "." + i, steps.get(i), step.transaction().strict());
			parts.add(part);
			boolean undo = step.transaction().ending() == Ending.SAVEPOINT && i == steps.size() - 1;
			Object savepoint = undo ? status.createSavepoint() : null;
			part.began(this.runner.tag(this.runner.node(step.changed()).jdbc(), part.tag()));
			try {
				part.kind().act().perform(this, part.step(), part);
			}
			catch (RuntimeException ex) {
				if (!isRefusal(ex, part)) {
					throw ex;
				}
				part.refused(ex);
			}
			if (savepoint != null) {
				status.rollbackToSavepoint(savepoint);
				undone.add(part);
			}
		}
	}

	void insert(Step step, ClientCall call) {
		update("INSERT INTO %s (id, parent_id, kind, body) VALUES (?, ?, ?, 0)", step, step.id(),
				(step.relation().parent() != null) ? step.other() : null, 1 + step.id() % 3);
	}

	/**
	 * Take a copy of a row, to save it later.
	 */
	void read(Step step, ClientCall call) {
		List<Map<String, @Nullable Object>> rows = this.runner.node(step.changed())
			.jdbc()
			.queryForList("SELECT * FROM %s WHERE id = ?".formatted(step.relation().table()), step.id());
		if (!rows.isEmpty()) {
			this.copies.put(step.relation() + " " + step.id(), rows.get(0));
		}
	}

	void touch(Step step, ClientCall call) {
		update("UPDATE %s SET body = body + 1, kind = ? WHERE id = ?", step, step.other(), step.id());
	}

	void hold(Step step, ClientCall call) {
		update("UPDATE %s SET legal_hold = true WHERE id = ?", step, step.id());
	}

	void release(Step step, ClientCall call) {
		update("UPDATE %s SET legal_hold = false WHERE id = ?", step, step.id());
	}

	void move(Step step, ClientCall call) {
		if (step.relation().parent() != null) {
			update("UPDATE %s SET parent_id = ? WHERE id = ?", step, step.other(), step.id());
		}
	}

	void restoreBySql(Step step, ClientCall call) {
		update("UPDATE %s SET deletion_time = NULL WHERE id = ?", step, step.id());
	}

	void stampBySql(Step step, ClientCall call) {
		update("UPDATE %s SET deletion_time = clock_timestamp() WHERE id = ? AND deletion_time IS NULL", step,
				step.id());
	}

	void removeBySql(Step step, ClientCall call) {
		update("DELETE FROM %s WHERE id = ?", step, step.id());
	}

	/**
	 * Write a whole row back as it was read some time ago, its deletion time included.
	 */
	void saveStale(Step step, ClientCall call) {
		Map<String, @Nullable Object> copy = this.copies.get(step.relation() + " " + step.id());
		if (copy == null) {
			read(step, call);
			return;
		}
		update("UPDATE %s SET parent_id = ?, kind = ?, body = ?, legal_hold = ?, deletion_time = ? WHERE id = ?", step,
				copy.get("parent_id"), copy.get("kind"), copy.get("body"), copy.get("legal_hold"),
				copy.get("deletion_time"), step.id());
	}

	private void update(String statement, Step step, @Nullable Object... parameters) {
		this.runner.node(step.changed()).jdbc().update(statement.formatted(step.relation().table()), parameters);
	}

	void delete(Step step, ClientCall call, Function<Mode, DeletionResult> delete) {
		answered(step, call, delete.apply(from(step).byId(step.id())));
	}

	void deleteMany(Step step, ClientCall call) {
		answered(step, call, from(step).byIds(idsOf(step)).execute());
	}

	/**
	 * Return the rows that a delete of several names.
	 */
	static List<Long> idsOf(Step step) {
		return List.of(step.id(), step.id() + 1, step.id() + 2);
	}

	void deleteWhere(Step step, ClientCall call) {
		answered(step, call, from(step).where(Criteria.where("kind").is((int) step.other())).execute());
	}

	private DeleteOperations.Target from(Step step) {
		return deletes(step).from(step.relation().table());
	}

	private DeleteTemplate deletes(Step step) {
		return this.runner.node(step.changed()).deletes();
	}

	private void answered(Step step, ClientCall call, DeletionResult result) {
		call.answered(result);
		if (result.mode() != DeletionMode.HARD && result.rows() > 0) {
			this.operations.add(result.operationId());
		}
	}

	void restore(Step step, ClientCall call) {
		withOperation(step, call, (operation) -> call.answered(deletes(step).restore(operation)));
	}

	void restoreRow(Step step, ClientCall call) {
		call.answered(deletes(step).restoreFrom(step.relation().table()).byId(step.id()).execute());
	}

	void purgeNow(Step step, ClientCall call) {
		withOperation(step, call, pending(step)::purgeNow);
	}

	void cancel(Step step, ClientCall call) {
		withOperation(step, call, pending(step)::cancel);
	}

	void retry(Step step, ClientCall call) {
		withOperation(step, call, pending(step)::retry);
	}

	private void withOperation(Step step, ClientCall call, Consumer<UUID> work) {
		List<UUID> known = List.copyOf(this.operations);
		if (!known.isEmpty()) {
			int back = (int) (step.id() % Math.min(RECENT, known.size()));
			UUID operation = known.get(known.size() - 1 - back);
			call.about(operation);
			work.accept(operation);
		}
	}

	void pause(Step step, ClientCall call) {
		if (step.relation().isTimed()) {
			pending(step).pause(step.relation().table());
		}
	}

	void resume(Step step, ClientCall call) {
		if (step.relation().isTimed()) {
			pending(step).resume(step.relation().table());
		}
	}

	void pauseAll(Step step, ClientCall call) {
		pending(step).pause(null);
	}

	void resumeAll(Step step, ClientCall call) {
		pending(step).resume(null);
	}

	private PendingPurges pending(Step step) {
		return this.runner.node(step.changed()).pending();
	}

	void rest(Step step, ClientCall call) {
		park(step.other() * 6_000_000L);
	}

	private static void park(long nanos) {
		if (nanos > 0) {
			LockSupport.parkNanos(nanos);
		}
	}

	@Override
	public String toString() {
		return "client " + this.number;
	}

}
