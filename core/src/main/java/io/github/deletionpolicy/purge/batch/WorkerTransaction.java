package io.github.deletionpolicy.purge.batch;

import java.util.stream.Collectors;

import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.CascadePlan;
import io.github.deletionpolicy.catalog.CascadePlan.Node;
import io.github.deletionpolicy.purge.PurgeTools;
import io.github.deletionpolicy.rows.KeySpelling;
import io.github.deletionpolicy.sql.Sql;

/**
 * How a worker sets its transaction up: a lane, a place at the tables, and settings that
 * end with the transaction.
 */
public class WorkerTransaction {

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
	 * How many statements {@link #ahead()} returns.
	 */
	public static final int STATEMENTS_AHEAD = 3;

	/**
	 * How many statements {@link #aheadOfSwiftAsync} returns.
	 */
	public static final int STATEMENTS_AHEAD_OF_SWIFT_ASYNC = 2;

	private static final String ISOLATION = "SET TRANSACTION ISOLATION LEVEL READ COMMITTED; ";

	private static final String CONSTRAINTS = "SET CONSTRAINTS ALL IMMEDIATE";

	/**
	 * An asynchronous delete goes up the primary key.
	 */
	private static final String WALK = """
			set_config('row_security', 'off', true), set_config('enable_seqscan', 'off', true),
			set_config('jit', 'off', true)""";

	private final PurgeTools tools;

	private final DueTable due;

	private final CascadePlan plan;

	private final boolean patient;

	public WorkerTransaction(PurgeTools tools, DueTable due, CascadePlan plan, boolean patient) {
		this.tools = tools;
		this.due = due;
		this.plan = plan;
		this.patient = patient;
	}

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
	 * Take a lane, set the transaction up, and lock the tables against changes of their
	 * keys: one that came between would have the database take along what must stay.
	 * @param waiting whether a statement may wait for rows that others have locked
	 * @return whether the worker was let in, and the plan still holds
	 */
	public boolean enter(boolean waiting) {
		Sql.of("SELECT " + SETTINGS).list(this.tools.jdbc(), (rs, row) -> true);
		if (this.tools.lanes()
			.enter(this.due, this.tools.settings().concurrency(), this.patient) != WorkerSlots.Entry.OPEN) {
			return false;
		}
		if (!this.plan.isAlone()
				&& !this.tools.lanes().enterToo(this.plan.nodes().stream().skip(1).map(Node::name).toList())) {
			return false;
		}
		Sql.of("SELECT " + LOCK_TIMEOUT + (waiting ? ", " + WAITING_TIMEOUT : ""))
			.list(this.tools.jdbc(), (rs, row) -> true);
		String tables = this.plan.tables().stream().map(TableName::toSql).collect(Collectors.joining(", "));
		this.tools.jdbc().execute(CONSTRAINTS + "; LOCK TABLE " + tables + " IN ROW EXCLUSIVE MODE");
		return this.tools.plans().stillHolds(this.plan);
	}

	/**
	 * Return the statements that do so ahead of another one, in the same round trip.
	 * Without a lane nothing is claimed; the other one sees to the keys.
	 * @return the statements
	 */
	Sql ahead() {
		return ahead(this.tools, this.due, SETTINGS + ", " + LOCK_TIMEOUT + ", " + WAITING_TIMEOUT);
	}

	/**
	 * Return the statements that do so for a batch of an asynchronous delete, which goes
	 * up the primary key. What it takes along is found as any other statement would.
	 * @param tools what all workers share
	 * @param due the table
	 * @param waiting whether a statement may wait for rows that others have locked
	 * @return the statements
	 */
	public static Sql aheadOfAsync(PurgeTools tools, DueTable due, boolean waiting) {
		return ahead(tools, due, KeySpelling.SETTINGS + ", " + WALK + ", set_config('statement_timeout', '30s', true), "
				+ LOCK_TIMEOUT + (waiting ? ", " + WAITING_TIMEOUT : ""));
	}

	/**
	 * Return as many statements as {@link #ahead()} does, without one: constraints that
	 * are deferred are checked by the commit. All that comes after them goes by primary
	 * key, and what it is compared with makes no other plan.
	 * @param tools what all workers share
	 * @param due the table
	 * @param spelling whether the spelling of keys depends on the session
	 * @return the statements
	 */
	public static Sql aheadOfSwiftAsync(PurgeTools tools, DueTable due, boolean spelling) {
		return Sql.of(ISOLATION + "SELECT ")
			.add(tools.lanes().entry(due, tools.settings().concurrency()))
			.add(", " + (spelling ? KeySpelling.SETTINGS + ", " : "") + WALK
					+ ", set_config('plan_cache_mode', 'force_generic_plan', true), " + LOCK_TIMEOUT + ", "
					+ WAITING_TIMEOUT + "; ");
	}

	private static Sql ahead(PurgeTools tools, DueTable due, String settings) {
		return Sql.of(ISOLATION + CONSTRAINTS + "; SELECT ")
			.add(tools.lanes().entry(due, tools.settings().concurrency()))
			.add(", " + settings + "; ");
	}

}
