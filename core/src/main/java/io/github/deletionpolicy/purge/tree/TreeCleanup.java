package io.github.deletionpolicy.purge.tree;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;

import io.github.deletionpolicy.TableName;
import io.github.deletionpolicy.catalog.Table;
import io.github.deletionpolicy.ledger.ChunkTrimming;
import io.github.deletionpolicy.ledger.LedgerTables;
import io.github.deletionpolicy.sql.Sql;
import org.jspecify.annotations.Nullable;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * Clears up after operations whose roots are gone: the record of dependants that went
 * along is removed, and what is left of it, for rows that are no longer below a root,
 * becomes that of a soft delete.
 *
 * @since 0.1
 */
public class TreeCleanup {

	private static final int PAGE = 200;

	private final JdbcOperations jdbc;

	private final LedgerTables ledger;

	/**
	 * Create the clearance.
	 * @param jdbc runs the statements, in a transaction of the caller
	 * @param ledger where the ledger's tables are
	 */
	public TreeCleanup(JdbcOperations jdbc, LedgerTables ledger) {
		this.jdbc = jdbc;
		this.ledger = ledger;
	}

	/**
	 * Find operations that are to be cleared up.
	 * @param after look at those behind this one
	 * @param last and up to this one
	 * @return the operations
	 */
	public List<UUID> find(UUID after, UUID last) {
		return this.jdbc.queryForList("""
				SELECT o.id FROM %1$s o WHERE o.id > ? AND o.id <= ? AND o.purge_at <= clock_timestamp()
				AND EXISTS (SELECT FROM %2$s c WHERE c.operation_id = o.id)
				AND NOT EXISTS (SELECT FROM %2$s c WHERE c.operation_id = o.id AND c.root)"""
			.formatted(this.ledger.operations(), this.ledger.chunks()), UUID.class, after, last);
	}

	/**
	 * Clear up a part of the record. Operations that somebody else is at are left out.
	 * @param operations the operations
	 * @param after where the part before ended; {@code null} to begin
	 * @param tables describes tables
	 * @return where this part ended; {@code null} if nothing is left to do
	 */
	public @Nullable Cursor clear(List<UUID> operations, @Nullable Cursor after, Function<TableName, Table> tables) {
		List<UUID> settled = Sql.of("""
				SELECT o.id FROM %s o WHERE o.id = ANY(CAST(CAST(? AS text[]) AS uuid[])) AND o.purge_at IS NOT NULL
				AND NOT EXISTS (SELECT FROM %s c WHERE c.operation_id = o.id AND c.root)
				ORDER BY o.id FOR UPDATE OF o SKIP LOCKED""".formatted(this.ledger.operations(), this.ledger.chunks()),
				(Object) texts(operations))
			.list(this.jdbc, (rs, row) -> rs.getObject(1, UUID.class));
		Cursor from = (after != null) ? after : new Cursor(new UUID(0, 0), 0);
		List<Chunk> page = Sql
			.of("""
					SELECT c.operation_id, c.id, l.schema_name, l.table_name, l.time_column FROM %s c JOIN %s l ON l.id = c.table_id
					WHERE c.operation_id = ANY(CAST(CAST(? AS text[]) AS uuid[])) AND (c.operation_id, c.id) > (?, ?)
					ORDER BY c.operation_id, c.id LIMIT ? FOR UPDATE OF c"""
				.formatted(this.ledger.chunks(), this.ledger.tables()), texts(settled), from.operationId(),
					from.chunk(), PAGE)
			.list(this.jdbc, (rs, row) -> new Chunk(new Cursor(rs.getObject(1, UUID.class), rs.getLong(2)),
					new Place(new TableName(rs.getString(3), rs.getString(4)), rs.getString(5))));
		Map<Place, List<Cursor>> byTable = new LinkedHashMap<>();
		page.forEach((chunk) -> byTable.computeIfAbsent(chunk.place(), (place) -> new ArrayList<>()).add(chunk.id()));
		byTable.forEach((place, chunks) -> strikeGone(tables.apply(place.table()), place.deletionTime(), chunks));
		if (page.size() == PAGE) {
			return page.get(page.size() - 1).id();
		}
		this.jdbc.update("""
				UPDATE %s o SET mode = 'SOFT', purge_at = NULL WHERE o.id = ANY(CAST(CAST(? AS text[]) AS uuid[]))
				AND EXISTS (SELECT FROM %s c WHERE c.operation_id = o.id)""".formatted(this.ledger.operations(),
				this.ledger.chunks()), (Object) texts(settled));
		return null;
	}

	private void strikeGone(Table table, String deletionTime, List<Cursor> chunks) {
		ChunkTrimming.keep(this.jdbc, this.ledger, table, Sql.of(
				"(c.operation_id, c.id) IN (SELECT * FROM unnest(CAST(CAST(? AS text[]) AS uuid[]), CAST(? AS bigint[])))",
				texts(chunks.stream().map(Cursor::operationId).toList()),
				chunks.stream().mapToLong(Cursor::chunk).toArray()),
				Sql.of("EXISTS (SELECT FROM %s t WHERE %s AND %s = c.token)".formatted(table.name().toSql(),
						table.keyEquals("t", "k"), table.deletionTime(deletionTime).toSql("t"))));
	}

	private static String[] texts(List<UUID> ids) {
		return ids.stream().map(UUID::toString).toArray(String[]::new);
	}

	/**
	 * A place in the record.
	 *
	 * @param operationId the operation
	 * @param chunk the chunk
	 */
	public record Cursor(UUID operationId, long chunk) {
	}

	private record Place(TableName table, String deletionTime) {
	}

	private record Chunk(Cursor id, Place place) {
	}

}
