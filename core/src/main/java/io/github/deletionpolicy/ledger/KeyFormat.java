package io.github.deletionpolicy.ledger;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import io.github.deletionpolicy.catalog.Column;
import io.github.deletionpolicy.catalog.Table;
import org.jspecify.annotations.Nullable;

/**
 * How the keys of a table are recorded in its chunks. Single integers and UUIDs are
 * arrays of their own; everything else, composites too, is JSON, in which values are
 * spelled the same whatever the session that reads them.
 */
public enum KeyFormat {

	BIGINT("keys_bigint", "bigint"), UUID("keys_uuid", "uuid"), JSON("keys_json", null);

	private final String column;

	private final @Nullable String element;

	KeyFormat(String column, @Nullable String element) {
		this.column = column;
		this.element = element;
	}

	/**
	 * Choose the format for a table.
	 */
	public static KeyFormat of(Table table) {
		List<Column> key = table.recordableKey();
		if (table.hasIntegerKey()) {
			return BIGINT;
		}
		return (key.size() == 1 && key.get(0).type().isUuid()) ? UUID : JSON;
	}

	/**
	 * Return the column of {@code deletion_chunk} that holds the keys.
	 */
	public String column() {
		return this.column;
	}

	/**
	 * Return the aggregate that makes one value of that column, with the keys in order,
	 * from {@code dp_k1, dp_k2, …}.
	 */
	public String aggregate(Table table) {
		String keys = table.keyAliases("");
		return (this.element != null) ? "array_agg(CAST(dp_k1 AS %s) ORDER BY dp_k1)".formatted(this.element)
				: "jsonb_agg(jsonb_build_array(%1$s) ORDER BY %1$s)".formatted(keys);
	}

	/**
	 * Return one value of that column from the key {@code dp_k1, dp_k2, …} of one row.
	 */
	String one(Table table) {
		return (this.element != null) ? "ARRAY[CAST(dp_k1 AS %s)]".formatted(this.element)
				: "jsonb_build_array(jsonb_build_array(%s))".formatted(table.keyAliases(""));
	}

	/**
	 * Return the condition that the chunk {@code c} was recorded with a primary key like
	 * the one that the table has now.
	 */
	public String fits(Table table) {
		String present = "c." + this.column + " IS NOT NULL";
		return (this != JSON) ? present : present + " AND jsonb_array_length(c.keys_json -> 0) = " + table.key().size();
	}

	/**
	 * Return the condition that the chunk {@code c} holds the key of the row {@code t}.
	 */
	public String holdsKeyOf(Table table) {
		return "EXISTS (SELECT FROM " + unnest(table) + " WHERE " + table.keyEquals("t", "k") + ")";
	}

	/**
	 * Return the item of a FROM clause that takes the chunk {@code c} apart again, a
	 * relation {@code k} with the columns {@code dp_k1, dp_k2, …}.
	 */
	public String unnest(Table table) {
		return (this != JSON) ? "unnest(c.%s) AS k (dp_k1)".formatted(this.column)
				: "LATERAL (SELECT %s FROM jsonb_array_elements(c.keys_json) AS e (key)) AS k"
					.formatted(columns(table, "e.key"));
	}

	/**
	 * Return the keys of a single chunk as an array of the key's type; {@code null} if
	 * the key has several columns.
	 * @param chunk the relation with the chunk as its only row
	 */
	public @Nullable String array(Table table, String chunk) {
		if (this.element != null) {
			return "CAST((SELECT %s FROM %s) AS %s[])".formatted(this.column, chunk, this.element);
		}
		return (table.key().size() > 1) ? null
				: "ARRAY(SELECT CAST(e.key ->> 0 AS %s) FROM %s, jsonb_array_elements(keys_json) AS e (key))"
					.formatted(table.key().get(0).type().sql(), chunk);
	}

	/**
	 * Return the key of the chunk {@code c}, which has no other, as the select list
	 * {@code dp_k1, dp_k2, …}.
	 */
	public String only(Table table) {
		return (this != JSON) ? "c.%s[1] AS dp_k1".formatted(this.column) : columns(table, "(c.keys_json -> 0)");
	}

	private static String columns(Table table, String element) {
		List<Column> key = table.key();
		return IntStream.range(0, key.size())
			.mapToObj((i) -> "CAST(%s ->> %d AS %s) AS dp_k%d".formatted(element, i, key.get(i).type().sql(), i + 1))
			.collect(Collectors.joining(", "));
	}

}
