package io.github.deletionpolicy.history;

import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.DeletionResult;
import io.github.deletionpolicy.RestoreResult;
import io.github.deletionpolicy.history.Evidence.Change;
import io.github.deletionpolicy.history.Evidence.Notification;
import io.github.deletionpolicy.history.Evidence.Recorded;
import io.github.deletionpolicy.history.Evidence.RecordedKey;
import io.github.deletionpolicy.history.Evidence.Row;
import io.github.deletionpolicy.history.Evidence.State;
import io.github.deletionpolicy.history.ClientCall.Outcome;
import org.jspecify.annotations.Nullable;

/**
 * Decides whether what must always hold did hold. It knows nothing of the library but the
 * words of its users: what a delete means, what a token is, what was told.
 * <p>
 * Where two things happened at the same time and either order is right, it demands
 * nothing; what it does demand follows from the order in which the database changed a
 * row, or from one call being over before another began.
 */
final class Checker {

	/**
	 * How violations begin that more time may fix.
	 */
	static final String LEFT = "[4]";

	/**
	 * A token may lie this much behind the clock: the next free microsecond is taken.
	 */
	private static final Duration STEPS = Duration.ofMillis(1);

	private final Evidence evidence;

	private final Map<Row, List<Change>> changes;

	private final Map<String, List<Change>> asked;

	private final Map<String, ClientCall> calls = new HashMap<>();

	private final Map<UUID, ClientCall> byOperation = new HashMap<>();

	private final List<String> violations = new ArrayList<>();

	private Checker(Evidence evidence) {
		this.evidence = evidence;
		this.changes = evidence.changes();
		this.asked = evidence.asked();
		for (ClientCall each : evidence.calls()) {
			this.calls.put(each.tag(), each);
			DeletionResult result = each.deletion();
			if (result != null) {
				this.byOperation.put(result.operationId(), each);
			}
		}
	}

	/**
	 * Check a history.
	 * @param evidence what is known of it
	 * @return what is wrong; empty if everything is as it must be
	 */
	static List<String> check(Evidence evidence) {
		Checker checker = new Checker(evidence);
		checker.checkAll();
		return List.copyOf(checker.violations);
	}

	private void checkAll() {
		this.evidence.calls().forEach(this::checkCall);
		this.evidence.journal().stream().filter(Change::isByWorker).forEach(this::checkWorker);
		checkHeard();
		checkRecord();
		checkEnd();
	}

	private void require(boolean holds, String invariant, String what, @Nullable Object... details) {
		if (!holds) {
			this.violations.add("[%s] %s".formatted(invariant, what.formatted(details)));
		}
	}

	private void checkCall(ClientCall each) {
		List<Change> done = this.asked.getOrDefault(each.tag(), List.of());
		if (each.outcome() == Outcome.ROLLED_BACK || each.outcome() == Outcome.REFUSED) {
			require(done.isEmpty(), "7", "a trace is left of %s: %s", each, done);
			return;
		}
		require(done.stream().map(Change::txid).distinct().count() <= 1, "7", "%s is in several transactions: %s", each,
				done);
		if (each.kind().deletes()) {
			checkDelete(each, done);
		}
		else if (each.kind().restores()) {
			checkRestore(each, done);
		}
	}

	private void checkDelete(ClientCall each, List<Change> done) {
		ResolvedPolicy policy = each.kind().resolve(each.step());
		boolean hard = policy.mode() == DeletionMode.HARD;
		for (Change change : done) {
			require(change.isRemoval() == hard, "mode", "%s is to be %s and did %s", each, policy, change);
			require(hard || each.kind() == OperationKind.DELETE_AGAIN || change.oldTime() == null, "live",
					"%s has marked a row that was marked before: %s", each, change);
			require(isAsked(each.step(), change), "rows", "%s has not asked for %s", each, change);
		}
		require(hard || done.stream().map(Change::newTime).distinct().count() <= 1, "token",
				"%s has written several tokens: %s", each, done);
		for (Change change : done) {
			Instant token = change.newTime();
			require(token == null || (!token.isBefore(each.begin()) && !token.isAfter(change.at().plus(STEPS))),
					"token", "%s began at %s and has written a token of another time: %s", each, each.begin(), change);
		}
		DeletionResult result = each.deletion();
		if (result == null) {
			require(!each.isCommitted(), "told", "%s has no result", each);
			return;
		}
		require(result.mode() == policy.mode(), "mode", "%s is to be %s", each, policy);
		if (!each.isCommitted() && done.isEmpty()) {
			return;
		}
		long roots = done.stream().filter((change) -> change.row().relation() == each.step().relation()).count();
		require(result.rows() == roots, "7", "%s has marked or removed %d rows: %s", each, roots, done);
		if (hard) {
			return;
		}
		Map<Relation, Long> cascaded = new HashMap<>();
		result.cascaded().forEach((table, rows) -> cascaded.put(Relation.of(table), rows));
		Map<Relation, Long> seen = done.stream()
			.filter((change) -> change.row().relation() != each.step().relation())
			.collect(Collectors.groupingBy((change) -> change.row().relation(), Collectors.counting()));
		require(cascaded.equals(seen), "7", "%s has taken along %s", each, seen);
		if (!done.isEmpty()) {
			require(Objects.equals(result.deletionTime(), done.get(0).newTime()), "token", "%s has written %s", each,
					done);
			require(Objects.equals(result.purgeAt(), dueBy(each, done.get(0).newTime())), "2",
					"%s says another time of the purge than its token and %s", each, policy);
		}
	}

	private static boolean isAsked(Step step, Change change) {
		if (change.row().relation() != step.relation()) {
			return step.kind() != OperationKind.DELETE_ALONE;
		}
		return switch (step.kind()) {
			case DELETE_WHERE -> change.oldKind() == step.other();
			case DELETE_MANY -> Client.idsOf(step).contains(change.row().key());
			default -> change.row().key() == step.id();
		};
	}

	private static @Nullable Instant dueBy(ClientCall delete, @Nullable Instant token) {
		ResolvedPolicy policy = delete.kind().resolve(delete.step());
		return (policy.mode() == DeletionMode.SCHEDULED && token != null) ? token.plus(policy.delay()) : null;
	}

	private void checkRestore(ClientCall each, List<Change> done) {
		ClientCall restored = restoredBy(each);
		Set<Instant> tokens = tokensOf(each, restored, done);
		for (Change change : done) {
			require(change.newTime() == null && change.oldTime() != null && !change.isRemoval(), "6",
					"%s did something else: %s", each, change);
			require(tokens.contains(change.oldTime()), "6", "%s made a row live that had another token than %s: %s",
					each, tokens, change);
			if (restored != null) {
				require(stamps(change.row(), restored).anyMatch((stamp) -> stamp.id() < change.id()), "6",
						"%s made a row live that %s has not marked: %s", each, restored, change);
			}
			checkNothingAbove(each, change);
		}
		RestoreResult result = each.restore();
		if (result == null || (done.isEmpty() && !each.isCommitted())) {
			return;
		}
		long rows = result.rows() + result.cascaded().values().stream().mapToLong(Long::longValue).sum();
		require(rows == done.size(), "6", "%s made %d rows live: %s", each, done.size(), done);
		if (each.isCommitted() && !each.isStrict()) {
			checkNothingLeftOut(each, restored, done);
		}
	}

	private @Nullable ClientCall restoredBy(ClientCall restore) {
		UUID operation = restore.operation();
		return (operation != null) ? this.byOperation.get(operation) : null;
	}

	private static Set<Instant> tokensOf(ClientCall restore, @Nullable ClientCall restored, List<Change> done) {
		if (restored != null) {
			DeletionResult deletion = Objects.requireNonNull(restored.deletion());
			return (deletion.deletionTime() != null) ? Set.of(deletion.deletionTime()) : Set.of();
		}
		return done.stream()
			.filter((change) -> change.row().equals(new Row(restore.step().relation(), restore.step().id())))
			.map(Change::oldTime)
			.filter(Objects::nonNull)
			.collect(Collectors.toSet());
	}

	private void checkNothingAbove(ClientCall restore, Change change) {
		Row parent = parentOf(change.row(), change.before());
		if (parent != null && !isMovedDuring(change.row(), restore)) {
			State above = stable(parent, restore);
			require(above == null || above.time() == null, "6", "%s made a row live below one that is deleted: %s",
					restore, change);
		}
	}

	private void checkNothingLeftOut(ClientCall restore, @Nullable ClientCall restored, List<Change> done) {
		Set<Row> live = done.stream().map(Change::row).collect(Collectors.toSet());
		if (restored != null) {
			Instant token = Objects.requireNonNull(restored.deletion()).deletionTime();
			for (Row row : this.changes.keySet()) {
				State state = stable(row, restore);
				if (state == null || token == null || !token.equals(state.time()) || live.contains(row)
						|| !isUnbroken(row, restored, token, restore)) {
					continue;
				}
				Row parent = parentOf(row, state);
				boolean free = row.relation() == restored.step().relation() || parent == null
						|| isLiveAfter(parent, restore);
				require(!free, "6", "%s has left out %s, which carries %s", restore, row, token);
			}
		}
		else if (restore.kind() == OperationKind.RESTORE_ROW) {
			Row row = new Row(restore.step().relation(), restore.step().id());
			State state = stable(row, restore);
			require(state == null || state.time() == null || live.contains(row), "6", "%s has left out %s, which is %s",
					restore, row, state);
		}
	}

	private boolean isUnbroken(Row row, ClientCall delete, Instant token, ClientCall restore) {
		boolean unbroken = false;
		for (Change change : this.changes.get(row)) {
			if (change.at().isAfter(restore.begin())) {
				break;
			}
			if (change.asked().equals(delete.tag()) && token.equals(change.newTime())) {
				unbroken = true;
			}
			else if (!token.equals(change.newTime())) {
				unbroken = false;
			}
		}
		return unbroken;
	}

	private boolean isLiveAfter(Row parent, ClientCall restore) {
		State state = stable(parent, restore);
		return state != null && state.time() == null;
	}

	/**
	 * Return what a row was like all the time that a restore took, but for what that did
	 * itself; {@code null} if somebody may have changed it meanwhile.
	 */
	private @Nullable State stable(Row row, ClientCall during) {
		State state = null;
		for (Change change : this.changes.getOrDefault(row, List.of())) {
			if (change.at().isAfter(during.end())) {
				break;
			}
			if (!change.asked().equals(during.tag())) {
				ClientCall by = this.calls.get(change.asked());
				boolean over = change.isByClient() ? by != null && !by.end().isAfter(during.begin())
						: !change.isByWorker();
				if (!over) {
					return null;
				}
			}
			state = change.after();
		}
		return state;
	}

	/**
	 * Return whether somebody gave a row another parent while a restore was at work: the
	 * restore may have come first.
	 */
	private boolean isMovedDuring(Row row, ClientCall restore) {
		return this.changes.get(row).stream().anyMatch((change) -> {
			ClientCall by = this.calls.get(change.asked());
			return by != null && by != restore && change.before() != null && change.after() != null
					&& !Objects.equals(change.before().parent(), change.after().parent())
					&& by.end().isAfter(restore.begin()) && !change.at().isAfter(restore.end());
		});
	}

	private @Nullable Row parentOf(Row row, @Nullable State state) {
		Relation above = row.relation().parent();
		return (above != null && row.relation().isBelowByCascade() && state != null && state.parent() != null)
				? new Row(above, state.parent()) : null;
	}

	private void checkWorker(Change change) {
		require(change.isRemoval(), "1", "a worker has written a row: %s", change);
		if (!change.row().relation().isTimed()) {
			Row owner = parentOf(change.row(), change.before());
			require(owner != null && this.changes.getOrDefault(owner, List.of())
				.stream()
				.anyMatch((above) -> above.isRemoval() && above.txid() == change.txid()), "1",
					"a worker has removed a row whose owner stays: %s", change);
			return;
		}
		Instant token = change.oldTime();
		if (token == null) {
			require(false, "1", "a worker has removed a live row: %s", change);
			return;
		}
		require(!change.row().relation().isHolding() || !Objects.requireNonNull(change.before()).held(), "3",
				"a worker has removed a held row: %s", change);
		checkPause(change);
		Change stamp = stampOf(change, token);
		if (stamp == null) {
			require(false, "2", "a worker has removed a row whose token no delete has written: %s", change);
			return;
		}
		ClientCall delete = Objects.requireNonNull(this.calls.get(stamp.asked()));
		Instant due = dueBy(delete, token);
		if (due == null) {
			require(false, "2", "a worker has removed a row of %s: %s", delete, change);
			return;
		}
		require(!change.at().isBefore(due) || isHurried(delete, change.at()), "2",
				"a worker has removed a row of %s before %s: %s", delete, due, change);
		for (ClientCall cancel : about(delete, OperationKind.CANCEL)) {
			require(!cancel.isCommitted() || !change.at().isAfter(cancel.end()), "2",
					"a worker has removed a row of %s after %s: %s", delete, cancel, change);
		}
		this.changes.get(change.row())
			.stream()
			.filter((other) -> other.id() > stamp.id() && other.id() < change.id() && token.equals(other.oldTime())
					&& isByRestore(other))
			.forEach((other) -> require(false, "6",
					"a worker has removed a row of %s that was restored by %s and is only a stale copy: %s", delete,
					other, change));
	}

	private @Nullable Change stampOf(Change removal, Instant token) {
		Change found = null;
		for (Change change : this.changes.get(removal.row())) {
			ClientCall by = this.calls.get(change.asked());
			if (change.id() < removal.id() && token.equals(change.newTime()) && change.isByClient() && by != null
					&& by.kind().deletes()) {
				found = change;
			}
		}
		return found;
	}

	private boolean isByRestore(Change change) {
		ClientCall by = this.calls.get(change.asked());
		return change.isByClient() && by != null && by.kind().restores();
	}

	private boolean isHurried(ClientCall delete, Instant at) {
		return about(delete, OperationKind.PURGE_NOW).stream()
			.anyMatch((now) -> now.mayBeCommitted() && !at.isBefore(now.begin()));
	}

	private List<ClientCall> about(ClientCall delete, OperationKind kind) {
		DeletionResult result = delete.deletion();
		return (result == null) ? List.of()
				: this.evidence.calls()
					.stream()
					.filter((each) -> each.kind() == kind && result.operationId().equals(each.operation()))
					.toList();
	}

	private void checkPause(Change change) {
		for (ClientCall pause : this.evidence.calls()) {
			boolean ofAll = pause.kind() == OperationKind.PAUSE_ALL;
			if (!pause.isCommitted() || (!ofAll
					&& (pause.kind() != OperationKind.PAUSE || pause.step().relation() != change.row().relation()))) {
				continue;
			}
			boolean resumed = this.evidence.calls()
				.stream()
				.anyMatch((each) -> each.kind() == (ofAll ? OperationKind.RESUME_ALL : OperationKind.RESUME)
						&& (ofAll || each.step().relation() == change.row().relation()) && each.mayBeCommitted()
						&& each.end().isAfter(pause.begin()) && !each.begin().isAfter(change.at()));
			require(resumed || !change.at().isAfter(pause.end()) || change.at().isAfter(lastEnd()), "pause",
					"a worker has removed a row in spite of %s: %s", pause, change);
		}
	}

	/**
	 * Return when the clients were through; afterwards everything is resumed.
	 */
	private Instant lastEnd() {
		return this.evidence.calls().stream().map(ClientCall::end).max(Instant::compareTo).orElse(Instant.MAX);
	}

	private void checkHeard() {
		Map<String, Long> notifications = this.evidence.notifications()
			.stream()
			.collect(Collectors.groupingBy((each) -> "%s %s %d".formatted(each.row(), each.token(), each.txid()),
					Collectors.counting()));
		for (Change change : this.evidence.journal()) {
			if (change.isByWorker() && change.isRemoval() && change.row().relation().isTimed()) {
				Long times = notifications.remove("%s %s %d".formatted(change.row(), change.oldTime(), change.txid()));
				require(times != null && times == 1, "5", "listeners were told %s times of %s", times, change);
			}
		}
		require(notifications.isEmpty(), "5", "listeners were told of what did not happen: %s", notifications.keySet());
		for (Notification each : this.evidence.notifications()) {
			ClientCall delete = this.byOperation.get(each.operation());
			boolean right = (delete == null) ? isUnknown(each)
					: stamps(each.row(), delete).anyMatch((stamp) -> Objects.equals(stamp.newTime(), each.token()));
			require(right, "5", "listeners were told the wrong operation: %s, %s", each, delete);
		}
	}

	private boolean isUnknown(Notification notifications) {
		return this.changes.getOrDefault(notifications.row(), List.of()).stream().anyMatch((change) -> {
			ClientCall by = this.calls.get(change.asked());
			return Objects.equals(change.newTime(), notifications.token()) && by != null && by.kind().deletes()
					&& by.deletion() == null;
		});
	}

	private Stream<Change> stamps(Row row, ClientCall delete) {
		return this.changes.getOrDefault(row, List.of())
			.stream()
			.filter((change) -> change.asked().equals(delete.tag()) && change.newTime() != null);
	}

	private void checkRecord() {
		require(this.evidence.strays().isEmpty(), "7", "chunks are left of no operation: %s", this.evidence.strays());
		for (Recorded operation : this.evidence.operations()) {
			List<Change> marked = this.evidence.journal()
				.stream()
				.filter((change) -> change.isByClient() && operation.token() != null
						&& operation.token().equals(change.newTime()) && change.row().relation() == operation.relation()
						&& this.calls.get(change.asked()) != null && this.calls.get(change.asked()).kind().deletes())
				.toList();
			if (marked.isEmpty()) {
				require(false, "7", "an operation is recorded that has marked no row: %s, %s", operation,
						this.byOperation.get(operation.id()));
				continue;
			}
			ClientCall delete = this.calls.get(marked.get(0).asked());
			DeletionResult result = delete.deletion();
			require(result == null || result.operationId().equals(operation.id()), "7", "%s is recorded as %s", delete,
					operation);
			Instant due = dueBy(delete, operation.token());
			Instant recorded = operation.purgeAt();
			require(recorded == null || (due != null
					&& (recorded.equals(due) || (recorded.isBefore(due) && isHurried(delete, recorded)))), "2",
					"%s is recorded as %s", delete, operation);
		}
	}

	private void checkEnd() {
		Map<UUID, Recorded> operations = this.evidence.operations()
			.stream()
			.collect(Collectors.toMap(Recorded::id, (operation) -> operation));
		Map<Row, Set<Instant>> recorded = new HashMap<>();
		Map<Row, List<RecordedKey>> fates = this.evidence.keys()
			.stream()
			.collect(Collectors.groupingBy(RecordedKey::row));
		for (RecordedKey key : this.evidence.keys()) {
			Recorded operation = operations.get(key.operation());
			if (operation != null && operation.token() != null) {
				recorded.computeIfAbsent(key.row(), (row) -> new HashSet<>()).add(operation.token());
			}
		}
		this.changes.forEach((row, changes) -> {
			State last = changes.get(changes.size() - 1).after();
			require(Objects.equals(last, this.evidence.rows().get(row)), "witness", "%s is %s, and was seen as %s", row,
					this.evidence.rows().get(row), last);
		});
		this.evidence.rows().forEach((row, state) -> {
			ClientCall delete = unbrokenDelete(row, state);
			if (delete != null) {
				require(recorded.getOrDefault(row, Set.of()).contains(state.time()), "7",
						"%s has marked %s, which is %s, and nothing of it is recorded", delete, row, state);
				require(!mustBeGone(row, state), "4", "%s is still there, of %s: %s", row, delete,
						fates.getOrDefault(row, List.of()));
			}
		});
	}

	/**
	 * Return the delete whose token a row carries, without a break since then.
	 */
	private @Nullable ClientCall unbrokenDelete(Row row, State state) {
		ClientCall delete = null;
		for (Change change : this.changes.getOrDefault(row, List.of())) {
			ClientCall by = this.calls.get(change.asked());
			if (!Objects.equals(change.oldTime(), change.newTime()) || change.before() == null) {
				delete = (change.isByClient() && by != null && by.kind().deletes() && change.newTime() != null) ? by
						: null;
			}
		}
		return (state.time() != null) ? delete : null;
	}

	/**
	 * Return whether a row can go and was asked for by a delete that is due.
	 */
	private boolean mustBeGone(Row row, State state) {
		ClientCall delete = unbrokenDelete(row, state);
		return delete != null && delete.step().relation() == row.relation() && isDue(delete, state)
				&& isFree(row, state, delete);
	}

	private boolean isDue(ClientCall delete, State state) {
		Instant due = dueBy(delete, state.time());
		if (due == null || about(delete, OperationKind.CANCEL).stream().anyMatch(ClientCall::mayBeCommitted)) {
			return false;
		}
		return due.isBefore(this.evidence.now().minusMillis(20))
				|| about(delete, OperationKind.PURGE_NOW).stream().anyMatch(ClientCall::isCommitted);
	}

	private boolean isFree(Row row, State state, ClientCall delete) {
		if (row.relation().isHolding() && state.held()) {
			return false;
		}
		return this.evidence.rows().entrySet().stream().filter((below) -> isBelow(below, row)).allMatch((below) -> {
			if (!below.getKey().relation().isTimed()) {
				return true;
			}
			boolean along = Objects.equals(below.getValue().time(), state.time());
			return row.relation() != Relation.ACCOUNT && (along ? isFree(below.getKey(), below.getValue(), delete)
					: mustBeGone(below.getKey(), below.getValue()));
		});
	}

	private static boolean isBelow(Map.Entry<Row, State> below, Row row) {
		Long parent = below.getValue().parent();
		return below.getKey().relation().parent() == row.relation() && parent != null && parent == row.key();
	}

}
