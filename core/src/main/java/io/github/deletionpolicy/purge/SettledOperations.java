package io.github.deletionpolicy.purge;

import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;

import io.github.deletionpolicy.catalog.Catalog;
import io.github.deletionpolicy.purge.batch.SqlStates;
import io.github.deletionpolicy.purge.tree.TreeCleanup;
import io.github.deletionpolicy.sql.Database;
import io.github.deletionpolicy.sql.Sql;
import org.apache.commons.logging.Log;
import org.apache.commons.logging.LogFactory;
import org.jspecify.annotations.Nullable;

/**
 * Clears up the ledger after operations whose roots may be gone. A failure ends nothing:
 * it is tried again later.
 */
record SettledOperations(Database database, TreeCleanup cleanup, Catalog catalog) {

	private static final Log logger = LogFactory.getLog(SettledOperations.class);

	/**
	 * Find operations between two others that are to be cleared up, in the transaction at
	 * hand.
	 */
	List<UUID> find(UUID after, UUID last) {
		return this.cleanup.find(after, last);
	}

	void clearUp(Collection<UUID> operations) {
		AtomicReference<TreeCleanup.@Nullable Cursor> cursor = new AtomicReference<>();
		boolean more = !operations.isEmpty();
		try {
			while (more) {
				more = this.database.workers().execute((status) -> {
					// A row that is hidden must not look as if it were gone.
					Sql.of("SELECT set_config('row_security', 'off', true)")
						.list(this.database.jdbc(), (rs, row) -> true);
					cursor.set(this.cleanup.clear(List.copyOf(operations), cursor.get(), this.catalog::table));
					return cursor.get() != null;
				});
			}
		}
		catch (RuntimeException ex) {
			if (SqlStates.isEnvironment(ex)) {
				throw ex;
			}
			logger.warn(
					"Deletion policy: the record of rows that went along with others could not be cleared up, which is tried again later.",
					ex);
		}
	}

}
