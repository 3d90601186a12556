package io.github.deletionpolicy;

import java.time.Duration;
import java.util.UUID;

import org.springframework.data.relational.core.query.CriteriaDefinition;
import org.springframework.lang.CheckReturnValue;

/**
 * Deletes rows as their table's policy says, and restores them.
 *
 * <pre class="code">
 * deletes.from("users").byId(42).execute();                   // what the table's policy says
 * deletes.from("users").byId(42).hard().execute();            // for good, now
 * deletes.from("users").where(where("email").is(email)).scheduled(Duration.ofDays(7)).execute();
 * deletes.restore(result.operationId());
 * </pre>
 * <p>
 * <b>Transactions.</b> {@code execute()} and restores join the caller's transaction and
 * open one where there is none. What they write, including the record that a scheduled
 * purge rests on, commits or rolls back with it. A transaction that was declared
 * read-only is refused with a {@link ReadOnlyDeletionException}.
 * <p>
 * <b>JPA.</b> A transaction of JPA is joined like any other. Its persistence context
 * knows nothing of what happens here: call {@code flush()} before a delete or restore
 * that is to see pending changes, and {@code clear()} after it, or a stale entity may be
 * read, or written back.
 * <p>
 * <b>Which mode.</b> The call's, else the table's policy, else hard. Soft and scheduled
 * deletes touch live rows only, hard ones every row that was selected. Selecting no row
 * is no error.
 * <p>
 * Steps are immutable: each option returns a new step, and nothing happens before
 * {@code execute()}. Misuse raises subclasses of
 * {@link org.springframework.dao.InvalidDataAccessApiUsageException} when it is executed.
 * No argument may be {@code null}.
 *
 * @since 0.1
 */
public interface DeleteOperations {

	/**
	 * Delete from a table.
	 * @param table {@code [schema.]table} by SQL's identifier rules: unquoted names fold
	 * to lower case, and a name without a schema is looked up on the search path. The
	 * live view of a policy stands for its table.
	 * @return the next step: say which rows
	 */
	@CheckReturnValue
	Target from(String table);

	/**
	 * Delete from the table of an aggregate root that Spring Data JDBC maps. Ids and
	 * values of criteria may be what the class has: they go through the application's
	 * converters. A JPA entity is refused when the delete is executed: name its table.
	 * @param aggregateRoot the class; criteria name its properties
	 * @return the next step: say which rows
	 */
	@CheckReturnValue
	Target from(Class<?> aggregateRoot);

	/**
	 * Make the rows of a soft or scheduled delete live again: exactly those which still
	 * carry its deletion time.
	 * @param operationId the delete, from {@link DeletionResult#operationId()}
	 * @return what was restored; 0 rows if they had all been restored or deleted again
	 * @throws UnknownOperationException if nothing is recorded for it; the caller's
	 * transaction can go on
	 * @throws RestoreConflictException if it cannot be done; nothing is changed then, and
	 * the caller's transaction can go on
	 */
	RestoreResult restore(UUID operationId);

	/**
	 * Restore rows of a table.
	 * @param table {@code [schema.]table} by SQL's identifier rules
	 * @return the next step: say which rows
	 */
	@CheckReturnValue
	RestoreTarget restoreFrom(String table);

	/**
	 * Restore rows of the table of an aggregate root.
	 * @param aggregateRoot the class, as for {@link #from(Class)}
	 * @return the next step: say which rows
	 */
	@CheckReturnValue
	RestoreTarget restoreFrom(Class<?> aggregateRoot);

	/**
	 * Says which rows; nothing can be executed here.
	 */
	@CheckReturnValue
	interface Target {

		/**
		 * Select one row by primary key. An id that does not fit raises an
		 * {@link InvalidIdException} when the delete is executed.
		 * @param id a value; for a composite key a {@code Map} of column to value. For a
		 * class also what its {@code @Id} property has: a value that a converter writes,
		 * the object of a composite id, or an {@code AggregateReference} to it
		 * @return the next step
		 */
		Mode byId(Object id);

		/**
		 * Select rows by primary key.
		 * @param ids the ids, each as for {@link #byId}, of one kind or several; an empty
		 * one selects nothing
		 * @return the next step
		 */
		Mode byIds(Iterable<?> ids);

		/**
		 * Select rows by a condition. A value that does not fit its column raises an
		 * {@link InvalidCriteriaException} when the delete is executed, a name that leads
		 * to no column of the table an {@link UnknownColumnException}.
		 * @param criteria names columns for a table; for a class properties, or dotted
		 * paths into embedded objects and composite ids, with values as the class has
		 * them. One that can only be true is refused: say {@link #all()}
		 * @return the next step
		 */
		Mode where(CriteriaDefinition criteria);

		/**
		 * Select every row.
		 * @return the next step
		 */
		Mode all();

	}

	/**
	 * What can be said of every delete, and its end.
	 *
	 * @param <S> the step itself
	 */
	interface Step<S extends Step<S>> {

		/**
		 * Record why. Kept with a soft, scheduled or asynchronous delete; another hard
		 * one records nothing.
		 * @param reason a text, free of secrets
		 * @return a new step
		 */
		@CheckReturnValue
		S reason(String reason);

		/**
		 * Delete, in the caller's transaction or one of its own.
		 * @return what was done
		 */
		DeletionResult execute();

		/**
		 * Say what {@link #execute()} would do now, and change nothing.
		 * @return what would be done
		 */
		@CheckReturnValue
		DeletionPreview preview();

		/**
		 * Read the rows of the target table back while deleting. They are held in memory.
		 * <p>
		 * An aggregate root that is mapped to the table is read by Spring Data JDBC. If
		 * it consists of rows of several tables, or is mapped to a view with more columns
		 * than the table, its rows are locked and read before exactly those are deleted;
		 * rows that the view does not show raise an {@link UnsupportedTableException}.
		 * @param rowType an aggregate root; or a record or bean whose properties are
		 * named like the columns, a simple type for a table of one column, or {@code Map}
		 * @param <T> what each row is read as
		 * @return the last step
		 */
		@CheckReturnValue
		<T> Returning<T> returning(Class<T> rowType);

	}

	/**
	 * A delete that can be done in the background.
	 *
	 * @param <S> the step itself
	 */
	interface AsyncStep<S extends AsyncStep<S>> extends Step<S> {

		/**
		 * Record the delete in the caller's transaction and work it off in batches of
		 * 1,000 rows after the commit, on any node that purges. It walks the primary key
		 * once, up to the key that is highest now; a row is deleted if it is selected
		 * when its batch runs.
		 * @return a handle
		 * @throws AsyncScheduledDeletionException if the mode resolves to
		 * {@link DeletionMode#SCHEDULED}, before anything is written
		 * @throws UnsupportedTableException if the table has no primary key, or the mode
		 * is soft and the table cannot carry it
		 * @throws ReadOnlyDeletionException if the caller's transaction is read-only
		 */
		AsyncDeletion executeAsync();

		/**
		 * Like {@link #executeAsync()}, with a batch size and a pause.
		 * @param options how to work through the rows
		 * @return a handle
		 */
		AsyncDeletion executeAsync(AsyncOptions options);

	}

	/**
	 * A delete that stamps rows with their deletion time, or may do so.
	 *
	 * @param <S> the step itself
	 */
	@CheckReturnValue
	interface StampingStep<S extends StampingStep<S>> extends Step<S> {

		/**
		 * Say whether the delete cascades to dependent rows.
		 * @param mode the default is {@link CascadeMode#CATALOG}
		 * @return a new step
		 */
		S cascade(CascadeMode mode);

		/**
		 * Stamp rows again that are already deleted: they get the new deletion time and
		 * the new deadline.
		 * @return a new step
		 */
		S includingDeleted();

	}

	/**
	 * No mode was said yet: the table's policy decides. Or say one, once.
	 */
	@CheckReturnValue
	interface Mode extends AsyncStep<Mode>, StampingStep<Mode> {

		/**
		 * Remove every selected row at once: an {@code includingDeleted()} or
		 * {@code cascade(…)} said before has no meaning for this mode.
		 * @return the next step
		 */
		Hard hard();

		/**
		 * Stamp the rows with their deletion time and never purge them.
		 * @return the next step
		 */
		Soft soft();

		/**
		 * Stamp the rows now and purge them after the table's delay, or at once if the
		 * table's policy has none.
		 * @return the next step
		 */
		Scheduled scheduled();

		/**
		 * Stamp the rows now and purge them after a delay.
		 * @param delay zero or more; zero means with the next run, whatever the table's
		 * policy says
		 * @return the next step
		 */
		Scheduled scheduled(Duration delay);

	}

	/**
	 * A hard delete.
	 */
	interface Hard extends AsyncStep<Hard> {

	}

	/**
	 * A soft delete.
	 */
	interface Soft extends AsyncStep<Soft>, StampingStep<Soft> {

	}

	/**
	 * A scheduled delete. It has no {@code executeAsync}: it already ends later.
	 */
	interface Scheduled extends StampingStep<Scheduled> {

	}

	/**
	 * A delete that returns its rows.
	 *
	 * @param <T> what each row is read as
	 */
	interface Returning<T> {

		/**
		 * Delete, in the caller's transaction or one of its own.
		 * @return what was done, and the rows
		 */
		DeletedRows<T> execute();

	}

	/**
	 * Says which rows to restore.
	 */
	@CheckReturnValue
	interface RestoreTarget {

		/**
		 * Select one row by primary key.
		 * @param id an id as for {@link Target#byId}
		 * @return the next step
		 */
		RestoreStep byId(Object id);

		/**
		 * Select rows by primary key.
		 * @param ids the ids, each as for {@link #byId}; an empty one selects nothing
		 * @return the next step
		 */
		RestoreStep byIds(Iterable<?> ids);

		/**
		 * Select rows by a condition.
		 * @param criteria a condition as for {@link Target#where}
		 * @return the next step
		 */
		RestoreStep where(CriteriaDefinition criteria);

	}

	/**
	 * The end of a restore.
	 */
	interface RestoreStep {

		/**
		 * Make the selected rows live again, with the dependants that their deletes
		 * cascaded to.
		 * @return what was restored
		 * @throws RestoreConflictException if it cannot be done; nothing is changed then,
		 * and the caller's transaction can go on
		 */
		RestoreResult execute();

	}

}
