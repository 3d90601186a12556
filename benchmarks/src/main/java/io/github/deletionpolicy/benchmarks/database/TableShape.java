package io.github.deletionpolicy.benchmarks.database;

/**
 * Tables that differ in their primary key. Beside it each has a unique text, a payload of
 * 100 bytes and the deletion time.
 *
 * @since 0.1
 */
public enum TableShape {

	/** Key of type {@code bigint}. */
	BIGINT("bigint", "users", "id bigint", "id", "n"),

	/** Key of type {@code uuid}, random. */
	UUID("uuid", "users_by_uuid", "id uuid", "id", "CAST(md5(CAST(n AS text)) AS uuid)"),

	/** Key of type {@code text}. */
	TEXT("text", "users_by_text", "id text", "id", "'key-' || n"),

	/** Key of two columns. */
	PAIR("two columns", "users_by_pair", "tenant integer, id bigint", "tenant, id",
			"CAST(n % 100 AS integer), CAST(n AS bigint)");

	private final String title;

	private final String table;

	private final String keyDefinition;

	private final String key;

	private final String keyOfNumber;

	TableShape(String title, String table, String keyDefinition, String key, String keyOfNumber) {
		this.title = title;
		this.table = table;
		this.keyDefinition = keyDefinition;
		this.key = key;
		this.keyOfNumber = keyOfNumber;
	}

	/**
	 * Return what to call the key in the result.
	 * @return a word or two
	 */
	public String title() {
		return this.title;
	}

	/**
	 * Return the table's name.
	 * @return the name
	 */
	public String table() {
		return this.table;
	}

	/**
	 * Return the columns of the primary key.
	 * @return one name, or several with commas between them
	 */
	public String key() {
		return this.key;
	}

	/**
	 * Create the table again, with live rows.
	 * @param database where
	 * @param rows how many
	 */
	void create(Database database, long rows) {
		database.run("DROP TABLE IF EXISTS " + this.table);
		database.run("CREATE TABLE %s (%s, slug text, payload text, deletion_time timestamptz)".formatted(this.table,
				this.keyDefinition));
		database.run("INSERT INTO %s SELECT %s, 'user-' || n, repeat('x', 100) FROM generate_series(1, %d) AS n"
			.formatted(this.table, this.keyOfNumber, rows));
		addIndexes(database);
	}

	/**
	 * Add the indexes to a table that was copied without them.
	 * @param database where
	 */
	void addIndexes(Database database) {
		database.run("ALTER TABLE %s ADD PRIMARY KEY (%s), ADD UNIQUE (slug)".formatted(this.table, this.key));
	}

}
