package io.github.deletionpolicy.ledger;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.Table;
import org.jspecify.annotations.Nullable;

/**
 * How the keys of a table stand in its chunks. Single integers and UUIDs are arrays of
 * their own; everything else, composites too, is JSON, whose spelling of values does not
 * depend on the session that reads it.
 */
public enum KeyFormat {

	BIGINT("keys_bigint") {

		@Override
		public String aggregate(Table table) {
			return "array_agg(CAST(dp_k1 AS bigint) ORDER BY dp_k1)";
		}

		@Override
		String one(Table table) {
			return "ARRAY[CAST(dp_k1 AS bigint)]";
		}

		@Override
		public String unnest(Table table) {
			return "unnest(c.keys_bigint) AS k (dp_k1)";
		}

		@Override
		public String array(Table table, String chunk) {
			return "CAST((SELECT keys_bigint FROM " + chunk + ") AS bigint[])";
		}

		@Override
		public String only(Table table) {
			return "c.keys_bigint[1] AS dp_k1";
		}

	},

	UUID("keys_uuid") {

		@Override
		public String aggregate(Table table) {
			return "array_agg(dp_k1 ORDER BY dp_k1)";
		}

		@Override
		String one(Table table) {
			return "ARRAY[dp_k1]";
		}

		@Override
		public String unnest(Table table) {
			return "unnest(c.keys_uuid) AS k (dp_k1)";
		}

		@Override
		public String array(Table table, String chunk) {
			return "CAST((SELECT keys_uuid FROM " + chunk + ") AS uuid[])";
		}

		@Override
		public String only(Table table) {
			return "c.keys_uuid[1] AS dp_k1";
		}

	},

	JSON("keys_json") {

		@Override
		public String aggregate(Table table) {
			String keys = table.keyAliases("");
			return "jsonb_agg(jsonb_build_array(" + keys + ") ORDER BY " + keys + ")";
		}

		@Override
		String one(Table table) {
			return "jsonb_build_array(jsonb_build_array(" + table.keyAliases("") + "))";
		}

		@Override
		public String unnest(Table table) {
			return "LATERAL (SELECT " + columns(table, "e.key")
					+ " FROM jsonb_array_elements(c.keys_json) AS e (key)) AS k";
		}

		@Override
		public String only(Table table) {
			return columns(table, "(c.keys_json -> 0)");
		}

		private static String columns(Table table, String element) {
			List<Column> key = table.key();
			return IntStream.range(0, key.size())
				.mapToObj(
						(i) -> "CAST(%s ->> %d AS %s) AS dp_k%d".formatted(element, i, key.get(i).type().sql(), i + 1))
				.collect(Collectors.joining(", "));
		}

		@Override
		public @Nullable String array(Table table, String chunk) {
			List<Column> key = table.key();
			return (key.size() > 1) ? null
					: "ARRAY(SELECT CAST(e.key ->> 0 AS %s) FROM %s, jsonb_array_elements(keys_json) AS e (key))"
						.formatted(key.get(0).type().sql(), chunk);
		}

	};

	private final String column;

	KeyFormat(String column) {
		this.column = column;
	}

	/**
	 * Choose the format for a table.
	 * @param table the table
	 * @return its format
	 */
	public static KeyFormat of(Table table) {
		List<Column> key = table.recordableKey();
		if (key.size() == 1 && key.get(0).type().isInteger()) {
			return BIGINT;
		}
		if (key.size() == 1 && key.get(0).type().isUuid()) {
			return UUID;
		}
		return JSON;
	}

	/**
	 * Return the column of {@code deletion_chunk} that holds the keys.
	 * @return the column
	 */
	public String column() {
		return this.column;
	}

	/**
	 * Return the aggregate that makes one value of that column from
	 * {@code dp_k1, dp_k2, …}.
	 * @param table the table
	 * @return the aggregate, with the keys in order
	 */
	public abstract String aggregate(Table table);

	/**
	 * Return one value of that column from the key {@code dp_k1, dp_k2, …} of one row.
	 * @param table the table
	 * @return the expression
	 */
	abstract String one(Table table);

	/**
	 * Return the condition that the chunk {@code c} was recorded with a primary key like
	 * the one that the table has now.
	 * @param table the table
	 * @return the condition
	 */
	public String fits(Table table) {
		String present = "c." + this.column + " IS NOT NULL";
		return (this != JSON) ? present : present + " AND jsonb_array_length(c.keys_json -> 0) = " + table.key().size();
	}

	/**
	 * Return the condition that the chunk {@code c} holds the key of the row {@code t}.
	 * @param table the table
	 * @return the condition
	 */
	public String holdsKeyOf(Table table) {
		return "EXISTS (SELECT FROM " + unnest(table) + " WHERE " + table.keyEquals("t", "k") + ")";
	}

	/**
	 * Return the item of a FROM clause that takes the chunk {@code c} apart again.
	 * @param table the table
	 * @return the item, a relation {@code k} with the columns {@code dp_k1, dp_k2, …}
	 */
	public abstract String unnest(Table table);

	/**
	 * Return the keys of a single chunk as an array of the key's type.
	 * @param table the table
	 * @param chunk the relation with the chunk as its only row
	 * @return the array; {@code null} if the key has several columns
	 */
	public abstract @Nullable String array(Table table, String chunk);

	/**
	 * Return the key of the chunk {@code c}, which has no other, as a select list.
	 * @param table the table
	 * @return the list {@code dp_k1, dp_k2, …}
	 */
	public abstract String only(Table table);

}
