package io.github.deletionpolicy.autoconfigure;

import java.time.Instant;
import java.util.List;

import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.PendingPurges.PendingPurge;
import io.github.deletionpolicy.PendingPurges.TableSummary;
import io.github.deletionpolicy.UnknownTableException;
import io.github.deletionpolicy.UnsupportedTableException;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.dao.InvalidDataAccessApiUsageException;

/**
 * Shows what will be purged: a summary per table, and one table page by page.
 *
 * @since 0.1
 */
@Endpoint(id = "pendingpurges", defaultAccess = Access.READ_ONLY)
public class PendingPurgesEndpoint {

	private static final int DEFAULT_LIMIT = 100;

	private final PendingPurges pendingPurges;

	/**
	 * Create the endpoint.
	 * @param pendingPurges what it shows
	 */
	public PendingPurgesEndpoint(PendingPurges pendingPurges) {
		this.pendingPurges = pendingPurges;
	}

	/**
	 * Count what is pending, per table.
	 * @return the summaries
	 */
	@ReadOperation
	public SummaryDescriptor summary() {
		return new SummaryDescriptor(this.pendingPurges.summary().stream().map(TableDescriptor::new).toList());
	}

	/**
	 * List what is pending in one table, the next due first.
	 * @param table the table as {@code [schema.]table}
	 * @param after the {@code next} of the page before; {@code null} for the first one
	 * @param limit how many to list; 100 if {@code null}
	 * @return one page; {@code null} if there is no such table
	 */
	@ReadOperation
	public @Nullable PageDescriptor page(@Selector String table, @Nullable String after, @Nullable Integer limit) {
		try {
			PendingPurges.Page page = this.pendingPurges.page(table, after, (limit != null) ? limit : DEFAULT_LIMIT);
			return new PageDescriptor(table, page);
		}
		catch (UnknownTableException | UnsupportedTableException ex) {
			return null;
		}
		catch (InvalidDataAccessApiUsageException ex) {
			String message = String.valueOf(ex.getMessage());
			throw new InvalidEndpointRequestException(message, message);
		}
	}

	/**
	 * What is pending in all tables.
	 */
	public static final class SummaryDescriptor implements OperationResponseBody {

		private final List<TableDescriptor> tables;

		private SummaryDescriptor(List<TableDescriptor> tables) {
			this.tables = tables;
		}

		public List<TableDescriptor> getTables() {
			return this.tables;
		}

	}

	/**
	 * What is pending in one table, in rows.
	 */
	public static final class TableDescriptor {

		private final TableSummary summary;

		private TableDescriptor(TableSummary summary) {
			this.summary = summary;
		}

		public String getTable() {
			return this.summary.table();
		}

		public long getPending() {
			return this.summary.pending();
		}

		/**
		 * Return whether the table has more rows than were counted.
		 * @return whether the counts mean "at least"
		 */
		public boolean isAtLeast() {
			return this.summary.pending() >= PendingPurges.COUNT_CAP;
		}

		public long getDue() {
			return this.summary.due();
		}

		public long getHeld() {
			return this.summary.held();
		}

		public long getBlocked() {
			return this.summary.blocked();
		}

		public long getFailed() {
			return this.summary.failed();
		}

		public boolean isPaused() {
			return this.summary.paused();
		}

		public @Nullable Instant getOldestDue() {
			return this.summary.oldestDue();
		}

	}

	/**
	 * One page of what is pending in a table.
	 */
	public static final class PageDescriptor implements OperationResponseBody {

		private final String table;

		private final PendingPurges.Page page;

		private PageDescriptor(String table, PendingPurges.Page page) {
			this.table = table;
			this.page = page;
		}

		public String getTable() {
			return this.table;
		}

		public List<PendingPurge> getPurges() {
			return this.page.purges();
		}

		/**
		 * Return where the next page begins.
		 * @return the cursor to pass as {@code after}; {@code null} on the last page
		 */
		public @Nullable String getNext() {
			return this.page.next();
		}

	}

}
