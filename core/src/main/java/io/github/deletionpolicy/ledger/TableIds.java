package io.github.deletionpolicy.ledger;

import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

import io.github.deletionpolicy.TableName;

import org.springframework.jdbc.core.JdbcOperations;

/**
 * The numbers under which tables, each with its deletion-time column, stand in the
 * ledger. A number that was cached inside a transaction that then rolled back is wrong;
 * whoever writes with one checks it in the same statement and {@link #forget forgets} it.
 */
public class TableIds {

	private final JdbcOperations jdbc;

	private final LedgerTables ledger;

	private final Map<Key, Integer> known = new ConcurrentHashMap<>();

	public TableIds(JdbcOperations jdbc, LedgerTables ledger) {
		this.jdbc = jdbc;
		this.ledger = ledger;
	}

	public int of(TableName table, String deletionTime) {
		Key key = new Key(table, deletionTime);
		Integer id = this.known.get(key);
		if (id == null) {
			id = findOrAdd(key);
			this.known.put(key, id);
		}
		return id;
	}

	/**
	 * Read all of them at once.
	 */
	public void readAll() {
		this.jdbc.query("SELECT id, schema_name, table_name, time_column FROM " + this.ledger.tables(), (rs) -> {
			this.known.put(new Key(new TableName(rs.getString(2), rs.getString(3)), rs.getString(4)), rs.getInt(1));
		});
	}

	public boolean isKnown(TableName table, String deletionTime) {
		return this.known.containsKey(new Key(table, deletionTime));
	}

	public void forget(TableName table, String deletionTime) {
		this.known.remove(new Key(table, deletionTime));
	}

	private int findOrAdd(Key key) {
		List<Integer> found = find(key);
		if (found.isEmpty()) {
			this.jdbc
				.update("INSERT INTO %s (schema_name, table_name, time_column) VALUES (?, ?, ?) ON CONFLICT DO NOTHING"
					.formatted(this.ledger.tables()), key.table().schema(), key.table().name(), key.deletionTime());
			found = find(key);
		}
		return found.get(0);
	}

	private List<Integer> find(Key key) {
		return this.jdbc.queryForList(
				"SELECT id FROM %s WHERE schema_name = ? AND table_name = ? AND time_column = ?"
					.formatted(this.ledger.tables()),
				Integer.class, key.table().schema(), key.table().name(), key.deletionTime());
	}

	private record Key(TableName table, String deletionTime) {
	}

}
