package io.github.deletionpolicy.purge;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.purge.batch.DueTable;

import org.springframework.dao.DataAccessException;

/**
 * In which order due tables have their turns.
 */
class TableOrder {

	private final Catalog catalog;

	private final AtomicInteger last = new AtomicInteger();

	TableOrder(Catalog catalog) {
		this.catalog = catalog;
	}

	/**
	 * Note whose turn it is.
	 */
	void turnOf(DueTable table) {
		this.last.set(table.id());
	}

	/**
	 * Begin after the table that had the last turn: one that takes up all the time of a
	 * run is then the last in the next.
	 */
	List<DueTable> inTurn(List<DueTable> due) {
		int last = this.last.get();
		List<DueTable> inTurn = new ArrayList<>(due.stream().filter((table) -> table.id() > last).toList());
		due.stream().filter((table) -> table.id() <= last).forEach(inTurn::add);
		return inTurn;
	}

	/**
	 * Leave out tables to which due rows of another one may refer: those go first, so
	 * that a tree that was deleted bottom-up goes in one run.
	 */
	List<DueTable> withoutReferredOnes(List<DueTable> due) {
		if (due.size() == 1) {
			return due;
		}
		List<TableName> names = due.stream().map(DueTable::name).toList();
		List<DueTable> free = due.stream().filter((table) -> !isReferredTo(table, names)).toList();
		return free.isEmpty() ? due : free;
	}

	private boolean isReferredTo(DueTable due, List<TableName> names) {
		try {
			return this.catalog.table(due.name())
				.referredToBy()
				.stream()
				.anyMatch((key) -> !key.child().equals(due.name()) && names.contains(key.child()));
		}
		catch (DataAccessException ex) {
			return false;
		}
	}

}
