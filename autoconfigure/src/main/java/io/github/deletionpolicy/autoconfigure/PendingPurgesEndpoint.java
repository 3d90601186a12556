package io.github.deletionpolicy.autoconfigure;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.regex.Pattern;

import io.github.deletionpolicy.DeleteOperations;
import io.github.deletionpolicy.DeletionMode;
import io.github.deletionpolicy.InvalidIdException;
import io.github.deletionpolicy.ModeSource;
import io.github.deletionpolicy.PendingPurges;
import io.github.deletionpolicy.PendingPurges.PendingPurge;
import io.github.deletionpolicy.PendingPurges.TableSummary;
import io.github.deletionpolicy.RestoreResult;
import io.github.deletionpolicy.UnknownOperationException;
import io.github.deletionpolicy.catalog.Finding;
import io.github.deletionpolicy.doctor.Doctor;
import io.github.deletionpolicy.ledger.RecordedOperations;
import io.github.deletionpolicy.ledger.RecordedOperations.ChunkPage;
import io.github.deletionpolicy.ledger.RecordedOperations.RecordedChunk;
import io.github.deletionpolicy.ledger.RecordedOperations.RecordedOperation;
import io.github.deletionpolicy.ledger.RecordedOperations.Stage;
import io.github.deletionpolicy.purge.RowForecast;
import io.github.deletionpolicy.purge.RowInquiry;
import org.jspecify.annotations.Nullable;

import org.springframework.boot.actuate.endpoint.Access;
import org.springframework.boot.actuate.endpoint.InvalidEndpointRequestException;
import org.springframework.boot.actuate.endpoint.OperationResponseBody;
import org.springframework.boot.actuate.endpoint.SecurityContext;
import org.springframework.boot.actuate.endpoint.Show;
import org.springframework.boot.actuate.endpoint.annotation.Endpoint;
import org.springframework.boot.actuate.endpoint.annotation.ReadOperation;
import org.springframework.boot.actuate.endpoint.annotation.Selector;
import org.springframework.boot.actuate.endpoint.annotation.WriteOperation;
import org.springframework.dao.InvalidDataAccessApiUsageException;

/**
 * Shows what will be purged: a summary per table, one table page by page, one operation,
 * one row. Where access to it is raised it also pauses, hastens, cancels and restores.
 * <p>
 * A name is that of a table by SQL's identifier rules, or the id of an operation: no
 * table can be written like one, unless in quotes.
 *
 * @since 0.1
 */
@Endpoint(id = "pendingpurges", defaultAccess = Access.READ_ONLY)
public class PendingPurgesEndpoint {

	private static final int DEFAULT_LIMIT = 100;

	private static final int DEFAULT_CHUNKS = 20;

	private static final Pattern OPERATION = Pattern
		.compile("\\p{XDigit}{8}-\\p{XDigit}{4}-\\p{XDigit}{4}-\\p{XDigit}{4}-\\p{XDigit}{12}");

	private final PendingPurges pendingPurges;

	private final RecordedOperations operations;

	private final RowInquiry inquiry;

	private final DeleteOperations deletes;

	private final Doctor doctor;

	private final EndpointValues values;

	private final Show showValues;

	private final Set<String> roles;

	PendingPurgesEndpoint(PendingPurges pendingPurges, RecordedOperations operations, RowInquiry inquiry,
			DeleteOperations deletes, Doctor doctor, EndpointValues values, Show showValues, Set<String> roles) {
		this.pendingPurges = pendingPurges;
		this.operations = operations;
		this.inquiry = inquiry;
		this.deletes = deletes;
		this.doctor = doctor;
		this.values = values;
		this.showValues = showValues;
		this.roles = roles;
	}

	/**
	 * Count what is pending, per table.
	 * @param findings {@code true} to have the database examined for faults too;
	 * {@code null} for not
	 * @return the summaries
	 */
	@ReadOperation
	public SummaryDescriptor summary(@Nullable String findings) {
		List<FindingDescriptor> found = null;
		if (findings != null && flag("findings", findings)) {
			found = this.doctor.examine().stream().map(FindingDescriptor::new).toList();
		}
		return new SummaryDescriptor(this.pendingPurges.summary().stream().map(TableDescriptor::new).toList(), found);
	}

	/**
	 * Show a table page by page, a row of it, or an operation.
	 * @param name the table as {@code [schema.]table}, or the operation's id
	 * @param id the row's primary key, a value per column in its order; {@code null} for
	 * a page
	 * @param after the {@code next} of the page before; {@code null} for the first one
	 * @param limit how many entries to list; {@code null} for 100 of a table, or 20 of an
	 * operation
	 * @return a page, a row or an operation; {@code null} if there is no such operation
	 */
	@ReadOperation
	public @Nullable OperationResponseBody show(@Selector String name, @Nullable Object id, @Nullable String after,
			@Nullable String limit) {
		return orBadRequest(() -> show(name, id, after, limit, SecurityContext.NONE));
	}

	/**
	 * Pause or resume all tables.
	 * @param action {@code pause} or {@code resume}
	 * @return {@code null}; the type is that of the web extension, which otherwise would
	 * be another operation than this one
	 */
	@WriteOperation
	public @Nullable OperationResponseBody changeAll(@Nullable String action) {
		return orBadRequest(() -> {
			changeTable(null, action);
			return null;
		});
	}

	/**
	 * Pause or resume a table, or change an operation.
	 * @param name the table as {@code [schema.]table}, or the operation's id
	 * @param action {@code pause} or {@code resume} of a table; {@code purge-now},
	 * {@code cancel}, {@code retry} or {@code restore} of an operation
	 * @return what was restored; {@code null} for all other actions
	 */
	@WriteOperation
	public @Nullable RestoredDescriptor change(@Selector String name, @Nullable String action) {
		return orBadRequest(() -> act(name, action));
	}

	private static <T extends @Nullable Object> T orBadRequest(Supplier<T> work) {
		try {
			return work.get();
		}
		catch (InvalidDataAccessApiUsageException ex) {
			String message = String.valueOf(ex.getMessage());
			throw new InvalidEndpointRequestException(message, message, ex);
		}
	}

	@Nullable OperationResponseBody show(String name, @Nullable Object id, @Nullable String after, @Nullable String limit,
			SecurityContext caller) {
		boolean shown = shows(caller);
		if (isOperation(name)) {
			if (id != null) {
				throw new InvalidDataAccessApiUsageException(
						"'%s' is the id of an operation, and 'id' asks for a row. Name the row's table instead."
							.formatted(name));
			}
			return operation(UUID.fromString(name), after, number(limit, DEFAULT_CHUNKS), shown);
		}
		if (id != null) {
			return new RowDescriptor(this.inquiry.askByText(name, key(id)), this.values, shown);
		}
		PendingPurges.Page page = this.pendingPurges.page(name, after, number(limit, DEFAULT_LIMIT));
		return new PageDescriptor(name, page, this.values, shown);
	}

	boolean shows(SecurityContext caller) {
		return this.showValues.isShown(caller, this.roles);
	}

	EndpointValues values() {
		return this.values;
	}

	private @Nullable OperationDescriptor operation(UUID id, @Nullable String after, int limit, boolean shown) {
		ChunkPage page = this.operations.chunks(id, after, limit);
		return this.operations.find(id)
			.map((operation) -> new OperationDescriptor(operation, page, this.values, shown))
			.orElse(null);
	}

	@Nullable RestoredDescriptor act(String name, @Nullable String action) {
		if (!isOperation(name)) {
			changeTable(name, action);
			return null;
		}
		UUID operation = UUID.fromString(name);
		switch (String.valueOf(action)) {
			case "purge-now" -> change(operation, this.pendingPurges::purgeNow, Stage.PURGED);
			case "retry" -> change(operation, this.pendingPurges::retry, Stage.PURGED);
			case "cancel" -> change(operation, this.pendingPurges::cancel, Stage.CANCELLED);
			case "restore" -> {
				return new RestoredDescriptor(this.deletes.restore(operation));
			}
			default -> throw unknownAction(action, "purge-now, cancel, retry or restore");
		}
		return null;
	}

	void changeTable(@Nullable String table, @Nullable String action) {
		switch (String.valueOf(action)) {
			case "pause" -> this.pendingPurges.pause(table);
			case "resume" -> this.pendingPurges.resume(table);
			default -> throw unknownAction(action, "pause or resume");
		}
	}

	/**
	 * To say something twice is no error, nor to hasten what is over.
	 */
	private void change(UUID operation, OperationChange change, Stage fulfilled) {
		try {
			change.change(operation);
		}
		catch (UnknownOperationException ex) {
			RecordedOperation found = this.operations.find(operation).orElseThrow(() -> ex);
			if (found.stage() != fulfilled) {
				throw new NothingPendingException(
						"No purge is pending for operation %s: its state is %s.".formatted(operation, found.stage()));
			}
		}
	}

	private static InvalidDataAccessApiUsageException unknownAction(@Nullable String action, String known) {
		String problem = (action != null) ? "'%s' is no action that can be taken here.".formatted(action)
				: "There is no 'action'.";
		return new UnknownActionException("%s Write %s.".formatted(problem, known));
	}

	private static boolean isOperation(String name) {
		return OPERATION.matcher(name).matches();
	}

	private static List<String> key(Object id) {
		List<String> key = new ArrayList<>();
		for (Object value : (id instanceof Iterable<?> several) ? several : List.of(id)) {
			String text = String.valueOf(value);
			if (text.indexOf('\0') >= 0) {
				throw new InvalidIdException("The id has a zero character, which no key can have. Leave it out.");
			}
			key.add(text);
		}
		return key;
	}

	private static int number(@Nullable String text, int otherwise) {
		if (text == null) {
			return otherwise;
		}
		try {
			return Integer.parseInt(text);
		}
		catch (NumberFormatException ex) {
			throw new InvalidDataAccessApiUsageException("'%s' is no 'limit'. Write a number.".formatted(text), ex);
		}
	}

	private static boolean flag(String name, String text) {
		return switch (text.toLowerCase(Locale.ROOT)) {
			case "true" -> true;
			case "false" -> false;
			default -> {
				String message = "'%s' is no '%s'. Write true or false.".formatted(text, name);
				throw new InvalidEndpointRequestException(message, message);
			}
		};
	}

	@FunctionalInterface
	private interface OperationChange {

		void change(UUID operation);

	}

	/**
	 * What was asked for is not said, or not among what can be done.
	 */
	static final class UnknownActionException extends InvalidDataAccessApiUsageException {

		UnknownActionException(String message) {
			super(message);
		}

	}

	/**
	 * The operation is known, and cannot be changed any more.
	 */
	static final class NothingPendingException extends InvalidDataAccessApiUsageException {

		NothingPendingException(String message) {
			super(message);
		}

	}

	/**
	 * What is pending in all tables.
	 */
	public static final class SummaryDescriptor implements OperationResponseBody {

		private final List<TableDescriptor> tables;

		private final @Nullable List<FindingDescriptor> findings;

		private SummaryDescriptor(List<TableDescriptor> tables, @Nullable List<FindingDescriptor> findings) {
			this.tables = tables;
			this.findings = findings;
		}

		public List<TableDescriptor> getTables() {
			return this.tables;
		}

		/**
		 * Return what is wrong with the tables.
		 * @return the findings; {@code null} if nobody asked
		 */
		public @Nullable List<FindingDescriptor> getFindings() {
			return this.findings;
		}

	}

	/**
	 * What is wrong with a table, and what mends it.
	 */
	public static final class FindingDescriptor {

		private final Finding finding;

		private FindingDescriptor(Finding finding) {
			this.finding = finding;
		}

		public String getTable() {
			return this.finding.table().toString();
		}

		public String getCode() {
			return this.finding.code().id();
		}

		public Finding.Severity getSeverity() {
			return this.finding.severity();
		}

		public String getText() {
			return this.finding.text();
		}

		/**
		 * Return the statements that mend it.
		 * @return the statements; {@code null} if no statement does
		 */
		public @Nullable String getDdl() {
			return this.finding.ddl();
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

		private final List<PurgeDescriptor> purges;

		private final @Nullable String next;

		private PageDescriptor(String table, PendingPurges.Page page, EndpointValues values, boolean shown) {
			this.table = table;
			this.purges = page.purges().stream().map((purge) -> new PurgeDescriptor(purge, values, shown)).toList();
			this.next = page.next();
		}

		public String getTable() {
			return this.table;
		}

		public List<PurgeDescriptor> getPurges() {
			return this.purges;
		}

		/**
		 * Return where the next page begins.
		 * @return the cursor to pass as {@code after}; {@code null} on the last page
		 */
		public @Nullable String getNext() {
			return this.next;
		}

	}

	/**
	 * Rows of one operation and table that wait together.
	 */
	public static final class PurgeDescriptor {

		private final PendingPurge purge;

		private final @Nullable String lastError;

		private PurgeDescriptor(PendingPurge purge, EndpointValues values, boolean shown) {
			this.purge = purge;
			this.lastError = values.error(purge.table(), purge.lastError(), shown);
		}

		public UUID getOperationId() {
			return this.purge.operationId();
		}

		public String getTable() {
			return this.purge.table();
		}

		public DeletionMode getMode() {
			return this.purge.mode();
		}

		public Instant getDeletionTime() {
			return this.purge.deletionTime();
		}

		public @Nullable Instant getPurgeAt() {
			return this.purge.purgeAt();
		}

		public long getRows() {
			return this.purge.rows();
		}

		public PendingPurges.State getState() {
			return this.purge.state();
		}

		public int getAttempts() {
			return this.purge.attempts();
		}

		public @Nullable String getLastError() {
			return this.lastError;
		}

	}

	/**
	 * One operation with a page of its chunks.
	 */
	public static final class OperationDescriptor implements OperationResponseBody {

		private final RecordedOperation operation;

		private final @Nullable String reason;

		private final List<ChunkDescriptor> chunks;

		private final @Nullable String next;

		private OperationDescriptor(RecordedOperation operation, ChunkPage page, EndpointValues values, boolean shown) {
			this.operation = operation;
			this.reason = values.reason(operation.table().toString(), operation.reason(), shown);
			this.chunks = page.chunks().stream().map((chunk) -> new ChunkDescriptor(chunk, values, shown)).toList();
			this.next = page.next();
		}

		public UUID getOperationId() {
			return this.operation.id();
		}

		public String getTable() {
			return this.operation.table().toString();
		}

		public DeletionMode getMode() {
			return this.operation.mode();
		}

		public ModeSource getSource() {
			return this.operation.source();
		}

		/**
		 * Return the delay as ISO 8601 writes it.
		 * @return the delay; {@code null} for a soft delete
		 */
		public @Nullable String getDelay() {
			return (this.operation.delay() != null) ? this.operation.delay().toString() : null;
		}

		public @Nullable String getReason() {
			return this.reason;
		}

		public Instant getDeletionTime() {
			return this.operation.deletionTime();
		}

		public @Nullable Instant getPurgeAt() {
			return this.operation.purgeAt();
		}

		public long getRows() {
			return this.operation.rows();
		}

		public Map<String, Long> getCascaded() {
			return this.operation.cascaded();
		}

		/**
		 * Return whether there may be more rows than were counted.
		 * @return whether the counts mean "at least"
		 */
		public boolean isAtLeast() {
			return this.operation.atLeast();
		}

		public Stage getState() {
			return this.operation.stage();
		}

		public List<ChunkDescriptor> getChunks() {
			return this.chunks;
		}

		/**
		 * Return where the next page of chunks begins.
		 * @return the cursor to pass as {@code after}; {@code null} on the last page
		 */
		public @Nullable String getNext() {
			return this.next;
		}

	}

	/**
	 * Rows of one table in an operation that wait together, with the first of their keys.
	 */
	public static final class ChunkDescriptor {

		private final RecordedChunk chunk;

		private final @Nullable String lastError;

		private final List<Map<String, String>> keys;

		private ChunkDescriptor(RecordedChunk chunk, EndpointValues values, boolean shown) {
			this.chunk = chunk;
			String table = chunk.table().toString();
			this.lastError = values.error(table, chunk.lastError(), shown);
			this.keys = chunk.keys().stream().map((key) -> values.key(table, chunk.keyColumns(), key, shown)).toList();
		}

		public String getTable() {
			return this.chunk.table().toString();
		}

		/**
		 * Return whether the rows were asked for, and not taken along.
		 * @return whether they are what the delete selected
		 */
		public boolean isRoot() {
			return this.chunk.root();
		}

		public long getRows() {
			return this.chunk.rows();
		}

		public PendingPurges.State getState() {
			return this.chunk.state();
		}

		public @Nullable Instant getNextAttempt() {
			return this.chunk.nextAttempt();
		}

		public int getAttempts() {
			return this.chunk.attempts();
		}

		public @Nullable String getLastError() {
			return this.lastError;
		}

		/**
		 * Return the first keys.
		 * @return up to ten, each a value per column
		 */
		public List<Map<String, String>> getKeys() {
			return this.keys;
		}

	}

	/**
	 * When a row goes, and why it has not.
	 */
	public static final class RowDescriptor implements OperationResponseBody {

		private final RowForecast row;

		private final @Nullable String lastError;

		private final @Nullable RootDescriptor root;

		private RowDescriptor(RowForecast row, EndpointValues values, boolean shown) {
			this.row = row;
			this.lastError = values.error(row.table(), row.lastError(), shown);
			this.root = (row.root() != null) ? new RootDescriptor(row.root(), values, shown) : null;
		}

		public String getTable() {
			return this.row.table();
		}

		public RowForecast.Reason getReason() {
			return this.row.reason();
		}

		public String getText() {
			return this.row.text();
		}

		public @Nullable UUID getOperationId() {
			return this.row.operationId();
		}

		public @Nullable DeletionMode getMode() {
			return this.row.mode();
		}

		public @Nullable Instant getDeletionTime() {
			return this.row.deletionTime();
		}

		public @Nullable Instant getPurgeAt() {
			return this.row.purgeAt();
		}

		public @Nullable Instant getNextAttempt() {
			return this.row.nextAttempt();
		}

		public int getAttempts() {
			return this.row.attempts();
		}

		public @Nullable String getLastError() {
			return this.lastError;
		}

		public @Nullable Instant getPausedSince() {
			return this.row.pausedSince();
		}

		public List<ObstacleDescriptor> getObstacles() {
			return this.row.obstacles().stream().map(ObstacleDescriptor::new).toList();
		}

		public @Nullable RootDescriptor getRoot() {
			return this.root;
		}

	}

	/**
	 * What is in a row's way.
	 */
	public static final class ObstacleDescriptor {

		private final RowForecast.Obstacle obstacle;

		private ObstacleDescriptor(RowForecast.Obstacle obstacle) {
			this.obstacle = obstacle;
		}

		public RowForecast.Reason getReason() {
			return this.obstacle.reason();
		}

		public String getTable() {
			return this.obstacle.table();
		}

		public @Nullable String getConstraint() {
			return this.obstacle.constraint();
		}

		public String getText() {
			return this.obstacle.text();
		}

	}

	/**
	 * The row that another one goes with.
	 */
	public static final class RootDescriptor {

		private final Map<String, String> key;

		private final RowDescriptor row;

		private RootDescriptor(RowForecast.Root root, EndpointValues values, boolean shown) {
			this.key = values.key(root.forecast().table(), root.keyColumns(), root.key(), shown);
			this.row = new RowDescriptor(root.forecast(), values, shown);
		}

		public Map<String, String> getKey() {
			return this.key;
		}

		public RowDescriptor getRow() {
			return this.row;
		}

	}

	/**
	 * What came back.
	 */
	public static final class RestoredDescriptor implements OperationResponseBody {

		private final RestoreResult result;

		private RestoredDescriptor(RestoreResult result) {
			this.result = result;
		}

		public long getRows() {
			return this.result.rows();
		}

		public Map<String, Long> getCascaded() {
			return this.result.cascaded();
		}

	}

}
