package io.github.deletionpolicy.purge.batch;

import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.stream.Collectors;

import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.CascadePlan.Node;
import io.github.deletionpolicy.catalog.CascadePlans;
import io.github.deletionpolicy.purge.batch.WorkerSlots.Entry;
import io.github.deletionpolicy.sql.Sql;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * How a worker sets its transaction up: a slot, a place at the tables, and settings that
 * end with the transaction.
 */
public record WorkerTransaction(JdbcOperations jdbc, WorkerSlots slots, CascadePlans plans) {

	/**
	 * With row security off, a policy that would hide rows raises an error instead of
	 * making them look gone. A batch goes by primary key; left to itself the planner
	 * reads a table of up to some hundred thousand rows whole, for each batch.
	 */
	private static final String SETTINGS = """
			set_config('row_security', 'off', true), set_config('statement_timeout', '30s', true),
			set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),
			set_config('enable_mergejoin', 'off', true), set_config('jit', 'off', true)""";

	/**
	 * A lock is given up before the server looks for deadlocks: a user's transaction must
	 * not be the one that it ends.
	 */
	private static final String LOCK_TIMEOUT = timeout("lock_timeout", 500);

	/**
	 * A statement that waits for one row after the other has as little time for all of
	 * them: the first to wait for it may have begun to do so with its first row.
	 */
	private static final String WAITING_TIMEOUT = timeout("statement_timeout", 800);

	/**
	 * Runs behind the deletes: what would fail at the commit fails here, where it can be
	 * told which rows it concerns, and nothing fails that a plain {@code DELETE} would
	 * pass.
	 */
	public static final String CHECK_CONSTRAINTS = "SET CONSTRAINTS ALL IMMEDIATE";

	private static final int STATEMENTS_AHEAD = 2;

	/**
	 * Set a timeout to a part of {@code deadlock_timeout}, in thousandths, or at most to
	 * as many milliseconds.
	 */
	private static String timeout(String name, int thousandths) {
		return """
				set_config('%s', CAST(CAST(greatest(1, least(%2$d, %2$d *
					extract(epoch FROM CAST(current_setting('deadlock_timeout') AS interval)))) AS integer) AS text), true)"""
			.formatted(name, thousandths);
	}

	/**
	 * Return whether there is no other worker at the same time.
	 */
	boolean isOnlyOne() {
		return this.slots.isSingle();
	}

	/**
	 * Take a slot, set the transaction up, and lock the tables against changes of their
	 * keys: a cascading key that is added meanwhile would let the database remove rows
	 * that must stay.
	 * @param waiting whether a statement may wait for rows that others have locked
	 * @return whether the worker was let in, and the plan still holds
	 */
	public boolean enter(TableWork work, boolean waiting) {
		CascadePlan plan = work.plan();
		if (this.slots.enter(work.due(), work.patient()) != Entry.OPEN) {
			return false;
		}
		if (!plan.isAlone() && !this.slots.enterToo(plan.nodes().stream().skip(1).map(Node::name).toList())) {
			return false;
		}
		Sql.of("SELECT " + SETTINGS + ", " + LOCK_TIMEOUT + (waiting ? ", " + WAITING_TIMEOUT : ""))
			.list(this.jdbc, (rs, row) -> true);
		String tables = plan.tables().stream().map(TableName::toSql).collect(Collectors.joining(", "));
		this.jdbc.execute("LOCK TABLE " + tables + " IN ROW EXCLUSIVE MODE");
		return this.plans.stillHolds(plan);
	}

	/**
	 * Wait for a slot, and take a place at a table.
	 */
	public void enterPatiently(DueTable due) {
		this.slots.enter(due, true);
	}

	/**
	 * Return the statements that do so ahead of another one, in the same round trip.
	 * Without a slot nothing is claimed; the other one checks the keys.
	 */
	Sql ahead(DueTable due) {
		return ahead(due, SETTINGS, true).add("; ");
	}

	/**
	 * Return the statements that do so with other settings. They end with a select list,
	 * to which more may be added.
	 * @param settings items of a select list
	 */
	public Sql ahead(DueTable due, String settings, boolean waiting) {
		return Sql.of("SET TRANSACTION ISOLATION LEVEL READ COMMITTED; SELECT ")
			.add(this.slots.entry(due))
			.add(", " + settings + ", " + LOCK_TIMEOUT + (waiting ? ", " + WAITING_TIMEOUT : ""));
	}

	/**
	 * Run the statements {@link #ahead} and those behind them, whose first result is then
	 * the current one.
	 */
	public static Entry execute(PreparedStatement statement) throws SQLException {
		statement.execute();
		for (int i = 1; i < STATEMENTS_AHEAD; i++) {
			statement.getMoreResults();
		}
		try (ResultSet entered = statement.getResultSet()) {
			entered.next();
			Entry entry = Entry.valueOf(entered.getString(1));
			statement.getMoreResults();
			return entry;
		}
	}

}
