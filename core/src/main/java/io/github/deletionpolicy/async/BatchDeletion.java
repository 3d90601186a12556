package io.github.deletionpolicy.async;

import java.util.List;
import java.util.Map;

import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

/**
 * Deletes the rows of one batch of an asynchronous delete.
 *
 * @since 0.1
 */
public interface BatchDeletion {

	/**
	 * Return which rows a delete is about.
	 * @param delete the delete
	 * @param table its table
	 * @return the condition on the row {@code t}; {@code null} if all
	 */
	@Nullable Sql selection(AsyncDelete delete, Table table);

	/**
	 * Return whether rows are removed by a {@code DELETE} from their table and nothing
	 * else.
	 * @param delete the delete
	 * @param table its table
	 * @return whether that is all
	 */
	boolean isPlain(AsyncDelete delete, Table table);

	/**
	 * Delete rows, in the transaction at hand.
	 * @param delete the delete
	 * @param table its table
	 * @param rows condition on the row {@code t}; implies {@link #selection}
	 * @param withKeys whether the keys of rows that are removed are asked for
	 * @return what was done
	 */
	Deleted delete(AsyncDelete delete, Table table, Sql rows, boolean withKeys);

	/**
	 * Tell what is committed.
	 * @param delete the delete
	 * @param deleted what was done
	 */
	void committed(AsyncDelete delete, Deleted deleted);

	/**
	 * What one transaction did.
	 *
	 * @param rows how many rows were removed or marked
	 * @param cascaded how many were marked along with them, by {@code schema.table}
	 * @param keys the primary keys of removed rows, each a value or a map of column to
	 * value; empty if nobody asked
	 */
	record Deleted(long rows, Map<String, Long> cascaded, List<Object> keys) {

		public Deleted {
			cascaded = Map.copyOf(cascaded);
		}

	}

}
