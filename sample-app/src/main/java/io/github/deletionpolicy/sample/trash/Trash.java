package io.github.deletionpolicy.sample.trash;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.PendingPurges.PendingPurge;
import io.github.deletionpolicy.PendingPurges.TableSummary;
import io.github.deletionpolicy.sample.trash.TrashItem.Fate;
import org.jspecify.annotations.Nullable;

import org.springframework.stereotype.Service;
import org.springframework.transaction.annotation.Transactional;

/**
 * What is in the trash, and the two ways out of it.
 */
@Service
class Trash {

	private final DeletedRows rows;

	private final DeleteOperations deletes;

	private final PendingPurges purges;

	Trash(DeletedRows rows, DeleteOperations deletes, PendingPurges purges) {
		this.rows = rows;
		this.deletes = deletes;
		this.purges = purges;
	}

	@Transactional(readOnly = true)
	List<TrashItem> items() {
		Set<String> paused = this.purges.summary()
			.stream()
			.filter(TableSummary::paused)
			.map(TableSummary::table)
			.collect(Collectors.toSet());
		return this.rows.newestFirst().stream().map((row) -> item(row, paused)).toList();
	}

	Optional<TrashItem> find(TrashTable table, String id) {
		return this.rows.find(table, id).map((row) -> item(row, Set.of()));
	}

	/**
	 * Bring back a row and what went along with it.
	 * @return whether it was there to bring back
	 */
	boolean restore(TrashTable table, String id) {
		return this.deletes.restoreFrom(table.table()).byId(table.id(id)).execute().rows() > 0;
	}

	/**
	 * Make the purge of a row due now, which respects holds. One that shares its delete
	 * with others, or has no purge pending, is removed by itself.
	 * @return whether it goes; {@code false} if it is on hold or not in the trash any
	 * more
	 */
	@Transactional
	boolean deleteForGood(TrashTable table, String id) {
		Optional<DeletedRow> row = this.rows.find(table, id);
		if (row.isEmpty() || row.get().held()) {
			return false;
		}
		Optional<PendingPurge> pending = this.purges.forRow(table.table(), table.id(id));
		if (pending.isPresent() && pending.get().rows() == 1) {
			this.purges.purgeNow(pending.get().operationId());
		}
		else {
			this.deletes.from(table.table()).byId(table.id(id)).hard().execute();
		}
		return true;
	}

	private TrashItem item(DeletedRow row, Set<String> paused) {
		TrashTable table = TrashTable.named(row.tableName());
		PendingPurge pending = this.purges.forRow(table.table(), table.id(row.id())).orElse(null);
		Fate fate = fate(row, pending, paused);
		return new TrashItem(row, table.word(), (pending != null) ? pending.purgeAt() : null, fate,
				(fate == Fate.STUCK && pending != null) ? pending.lastError() : null);
	}

	private static Fate fate(DeletedRow row, @Nullable PendingPurge pending, Set<String> paused) {
		if (row.held()) {
			return Fate.HELD;
		}
		if (pending == null || pending.purgeAt() == null) {
			return Fate.STAYS;
		}
		if (pending.purgeAt().isAfter(Instant.now())) {
			return Fate.COUNTING;
		}
		if (paused.contains(pending.table())) {
			return Fate.PAUSED;
		}
		return switch (pending.state()) {
			case BLOCKED, FAILED -> Fate.STUCK;
			default -> Fate.DUE;
		};
	}

}
