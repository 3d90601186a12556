package io.github.deletionpolicy.history;

import java.io.IOException;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * A way to get it wrong: changes to a copy of the sources, each at a place that must be
 * there exactly once. The product knows nothing of it.
 */
enum Mutant {

	/** A row goes because its key is recorded, whatever it carries now. */
	TOKEN_CHECK_REMOVED(
			edit("purge/batch/OptimisticBatch", "WHERE %s = ANY(%s) AND %s = (SELECT token FROM claimed)\"",
					"WHERE %s = ANY(%s) AND (%s IS NULL OR true)\""),
			edit("purge/batch/OptimisticBatch", "AS d WHERE %s AND %s = d.dp_token\"",
					"AS d WHERE %s AND (%s IS NULL OR true)\""),
			edit("purge/batch/CarefulBatch", ".add(\" AS d WHERE %s AND %s = d.dp_token AND (\"",
					".add(\" AS d WHERE %s AND (%s IS NULL OR true) AND (\"")),

	/** The token is when the transaction began. */
	NOW_FOR_CLOCK_TIMESTAMP(edit("ledger/LedgerWriter", "SELECT clock_timestamp() + ? *", "SELECT now() + ? *")),

	/** What is pending is purged only if the policy still says so. */
	REGISTRY_ASKED_AGAIN(
			edit("catalog/DeletionTimeColumns", "	public @Nullable String holdCondition(Table table) {", """
					public boolean isScheduled(Table table) {
						return policyOf(table) instanceof DeletionPolicy.Scheduled;
					}

					public @Nullable String holdCondition(Table table) {"""),
			edit("purge/TablePurges", "		String hold = this.deletionTimes.holdCondition(table);", """
					if (!this.deletionTimes.isScheduled(table)) {
						throw new org.springframework.dao.InvalidDataAccessApiUsageException("not scheduled");
					}
					String hold = this.deletionTimes.holdCondition(table);""")),

	/**
	 * The ledger is committed by itself, the rows are stamped in the caller's
	 * transaction.
	 */
	LEDGER_OUTSIDE_THE_TRANSACTION(
			edit("ledger/LedgerWriter", """
					Stamp stamp = recording(operation, table, deletionTime, tableId, step).add(rest.get())
					.first(this.jdbc, Stamp::from);""",
					"""
							javax.sql.DataSource dataSource = ((org.springframework.jdbc.core.JdbcTemplate) this.jdbc).getDataSource();
							org.springframework.transaction.support.TransactionTemplate outside = new org.springframework.transaction.support.TransactionTemplate(
									new org.springframework.jdbc.datasource.DataSourceTransactionManager(dataSource));
							outside.setPropagationBehavior(3);
							Sql statement = recording(operation, table, deletionTime, tableId, step).add(rest.get());
							Stamp stamp = outside.execute((status) -> statement.first(this.jdbc, Stamp::from));"""),
			edit("ledger/LedgerWriter", "		if (stamp.rows() == 0) {",
					"""
							if (stamp.rows() > 0) {
								Sql.of("UPDATE %s AS t SET %s = CAST(? AS timestamptz) WHERE (".formatted(table.name().toSql(),
										deletionTime.toSql()), Instants.parameter(stamp.token())).add(rows).add(")").update(this.jdbc);
							}
							else {"""),
			edit("ledger/LedgerWriter", """
					.add("stamped AS (UPDATE %s AS t SET %s = operation.token FROM operation%s WHERE ("
					.formatted(table.name().toSql(), deletionTime.toSql(), superseding ? ", before AS b" : ""))""", """
					.add("stamped AS (SELECT %s, %s AS dp_superseded FROM %s AS t CROSS JOIN operation%s WHERE ("
					.formatted(table.selectKey("t"), superseding ? "b.dp_superseded" : "CAST(NULL AS timestamptz)",
							table.name().toSql(), superseding ? ", before AS b" : ""))"""),
			edit("ledger/LedgerWriter", """
					.add(" RETURNING %s, %s AS dp_superseded), ".formatted(table.selectKey("t"),
					superseding ? "b.dp_superseded" : "CAST(NULL AS timestamptz)"));""", ".add(\"), \");"),
			edit("ledger/LedgerWriter", ".add(\") FOR UPDATE OF t), \")", ".add(\")), \")")),

	/** A tree goes whatever is below its root. */
	GUARD_OF_TREES_DROPPED(edit("purge/tree/TreeQueries",
			" AND f.dp_root NOT IN (SELECT dp_root FROM dp_found WHERE dp_stays IS NOT NULL)", "")),

	/** The DELETE looks for live rows itself, and nothing is locked before. */
	GUARD_OF_TREES_IN_NOT_EXISTS(
			edit("purge/tree/TreeQueries", "\" AS d ON %s AND (%s) IS NOT TRUE FOR UPDATE OF t SKIP LOCKED\"",
					"\" AS d ON %s AND (%s) IS NOT TRUE\""),
			edit("purge/tree/TreeQueries", "AS d JOIN %s AS t ON %s FOR UPDATE OF t SKIP LOCKED)\"",
					"AS d JOIN %s AS t ON %s)\""),
			edit("purge/tree/TreeQueries", "LOCKED_BY_US = \"%s = CAST(pg_current_xact_id() AS xid)\"",
					"LOCKED_BY_US = \"%s IS NOT NULL\"")),

	/** Two workers, or a worker and an operator, are at one chunk. */
	CLAIM_WITHOUT_A_LOCK(edit("purge/batch/DueChunks",
			"\" AND o.format <= ? ORDER BY c.next_attempt LIMIT ? FOR UPDATE OF c SKIP LOCKED\"",
			"\" AND o.format <= ? ORDER BY c.next_attempt LIMIT ?\"")),

	/** What was claimed counts as done. */
	SETTLED_WITHOUT_PROOF(edit("purge/batch/Settlement",
			"((removedOf.applyAsLong(chunk) == chunk.keyCount()) ? done : open).add(chunk);", "done.add(chunk);")),

	/** A hold that is set while the DELETE waits for the row comes too late. */
	HOLD_CHECKED_BEFORE(
			edit("purge/batch/OptimisticBatch",
					"			.add(rows + \" AND (\")\n			.add(this.work.hold())\n",
					"""
										.add(rows + " AND (EXISTS (SELECT FROM (SELECT t.* FROM %s AS t WHERE ".formatted(table().name().toSql()))
										.add(this.work.hold())
										.add(") AS h WHERE %s)".formatted(table().key().stream()
											.map((column) -> column.toSql("h") + " = " + column.toSql("t"))
											.collect(java.util.stream.Collectors.joining(" AND "))))
							"""),
			edit("purge/batch/CarefulBatch", "		Sql keys = this.chunks.keys(claimed, table);",
					"""
							Sql keys = Sql.of("(SELECT d.* FROM ")
								.add(this.chunks.keys(claimed, table))
								.add(" AS d JOIN %s AS t ON %s WHERE (".formatted(table.name().toSql(), table.keyEquals("t", "d")))
								.add(hold)
								.add(") IS NOT TRUE)");"""),
			edit("purge/batch/CarefulBatch", "			.add(hold)\n			.add(\") IS NOT TRUE RETURNING",
					"			.add(\"false\")\n			.add(\") IS NOT TRUE RETURNING")),

	/** What was deleted at about the same time comes back too. */
	RESTORED_BY_TIME_WINDOW(edit("restore/Restorer", ".add(\" AS d WHERE %s AND %s = d.dp_token\".formatted(",
			".add(\" AS d WHERE %s AND abs(extract(epoch FROM %s - d.dp_token)) < 2\".formatted(")),

	/** The predicate is not looked at again after a lock wait. */
	PREDICATE_IN_A_SUB_SELECT(edit("ledger/LedgerWriter", """
			.formatted(table.name().toSql(), deletionTime.toSql(), superseding ? ", before AS b" : ""))
			.add(rows)""",
			"""
					.formatted(table.name().toSql(), deletionTime.toSql(), superseding ? ", before AS b" : ""))
					.add("EXISTS (SELECT FROM (SELECT %s FROM %s AS t WHERE ".formatted(table.selectKey("t"), table.name().toSql()))
					.add(rows)
					.add(") AS p WHERE %s)".formatted(table.keyEquals("t", "p")))""")),

	/** A restored row stays recorded, for a stale copy to be purged. */
	RESTORED_KEYS_NOT_STRUCK(
			edit("restore/RestoreRecord", "		ChunkTrimming.keep(this.jdbc, this.ledger, part.table(),\n",
					"		if (Boolean.FALSE)\n		ChunkTrimming.keep(this.jdbc, this.ledger, part.table(),\n"));

	private final List<Edit> edits;

	Mutant(Edit... edits) {
		this.edits = List.of(edits);
	}

	private static Edit edit(String file, String old, String changed) {
		return new Edit(file, old, changed);
	}

	/**
	 * Compile what the mutant changes.
	 * @param sources where the sources of the product are
	 * @param target where to put sources and classes
	 * @return the folder with the classes
	 */
	Path compile(Path sources, Path target) throws IOException {
		Map<String, String> texts = new LinkedHashMap<>();
		for (Edit edit : this.edits) {
			String text = texts.get(edit.file());
			if (text == null) {
				text = Files.readString(sources.resolve("io/github/deletionpolicy/" + edit.file() + ".java"));
			}
			texts.put(edit.file(), edit.apply(text));
		}
		List<Path> files = new ArrayList<>();
		for (Map.Entry<String, String> text : texts.entrySet()) {
			Path file = target.resolve("sources/io/github/deletionpolicy/" + text.getKey() + ".java");
			Files.createDirectories(file.getParent());
			files.add(Files.writeString(file, text.getValue()));
		}
		Path classes = Files.createDirectories(target.resolve("classes"));
		JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
		StringWriter messages = new StringWriter();
		try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
			boolean compiled = compiler
				.getTask(messages, manager, null,
						List.of("-proc:none", "-nowarn", "-parameters", "--release", "17", "-d", classes.toString(),
								"-cp", System.getProperty("java.class.path")),
						null, manager.getJavaFileObjectsFromPaths(files))
				.call();
			if (!compiled) {
				throw new IllegalStateException("%s does not compile: %s".formatted(this, messages));
			}
		}
		return classes;
	}

	/**
	 * A change at one place. How the code is broken into lines does not matter.
	 */
	private record Edit(String file, String old, String changed) {

		String apply(String text) {
			Matcher matcher = Pattern.compile(
					Stream.of(this.old.strip().split("\\s+")).map(Pattern::quote).collect(Collectors.joining("\\s+")))
				.matcher(text);
			if (!matcher.find()) {
				throw new IllegalStateException("Not found in %s: %s".formatted(this.file, this.old));
			}
			String result = text.substring(0, matcher.start()) + this.changed + text.substring(matcher.end());
			if (matcher.find()) {
				throw new IllegalStateException("Found several times in %s: %s".formatted(this.file, this.old));
			}
			return result;
		}

	}

}
