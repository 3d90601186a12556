package io.github.deletionpolicy;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

import org.jspecify.annotations.Nullable;

import org.springframework.util.StringUtils;

/**
 * What a plain delete of a table's rows means. A bean of this type declares it in code;
 * {@code deletion-policy.tables} in the application's properties overrides it.
 * <p>
 * Values are immutable: each method that takes an argument returns a new policy.
 *
 * @since 0.1
 */
public sealed interface DeletionPolicy {

	/**
	 * Return the table that the policy is for, as it was written.
	 * @return {@code table} or {@code schema.table} by SQL's identifier rules
	 */
	String table();

	/**
	 * Return what a plain delete does.
	 * @return the mode
	 */
	DeletionMode mode();

	/**
	 * Declare that a delete removes rows at once.
	 * @param table {@code table} or {@code schema.table} by SQL's identifier rules
	 * @return the policy
	 * @throws InvalidDeletionPolicyException if the name is malformed
	 */
	static Hard hard(String table) {
		return new Hard(table);
	}

	/**
	 * Declare that a delete only stamps rows.
	 * @param table {@code table} or {@code schema.table} by SQL's identifier rules
	 * @return the policy
	 * @throws InvalidDeletionPolicyException if the name is malformed
	 */
	static Soft soft(String table) {
		return new Soft(table, null, null);
	}

	/**
	 * Declare that a delete stamps rows now and removes them later.
	 * @param table {@code table} or {@code schema.table} by SQL's identifier rules
	 * @param delay how long a deleted row is kept; zero or more
	 * @return the policy
	 * @throws InvalidDeletionPolicyException if the name is malformed or the delay
	 * negative or longer than {@link Scheduled#MAX_DELAY}
	 */
	static Scheduled scheduled(String table, Duration delay) {
		return new Scheduled(table, delay, null, null, null);
	}

	/**
	 * A delete removes rows at once.
	 *
	 * @param table the table
	 */
	record Hard(String table) implements DeletionPolicy {

		public Hard {
			checkTable(table);
		}

		@Override
		public DeletionMode mode() {
			return DeletionMode.HARD;
		}

	}

	/**
	 * A delete stamps rows with their deletion time.
	 *
	 * @param table the table
	 * @param deletionTimeColumn column that carries the deletion time; {@code null} for
	 * the default one
	 * @param liveView view that shows the live rows only; {@code null} for none
	 */
	record Soft(String table, @Nullable String deletionTimeColumn,
			@Nullable String liveView) implements DeletionPolicy {

		public Soft {
			checkTable(table);
			checkText(table, "deletion-time column", deletionTimeColumn);
			checkText(table, "live view", liveView);
		}

		@Override
		public DeletionMode mode() {
			return DeletionMode.SOFT;
		}

		/**
		 * Say which column carries the deletion time.
		 * @param column the column, by SQL's identifier rules
		 * @return a new policy
		 */
		public Soft deletionTimeColumn(String column) {
			return new Soft(this.table, column, this.liveView);
		}

		/**
		 * Say which view shows the live rows only. It stands for the table wherever rows
		 * are deleted, restored or asked for.
		 * @param view the view, by SQL's identifier rules
		 * @return a new policy
		 */
		public Soft liveView(String view) {
			return new Soft(this.table, this.deletionTimeColumn, view);
		}

	}

	/**
	 * A delete stamps rows with their deletion time; a purge removes them when the delay
	 * is over.
	 *
	 * @param table the table
	 * @param delay how long a deleted row is kept
	 * @param deletionTimeColumn column that carries the deletion time; {@code null} for
	 * the default one
	 * @param liveView view that shows the live rows only; {@code null} for none
	 * @param holdCondition SQL condition on the row's own columns that keeps a due row
	 * from being purged while it is true; {@code null} for none
	 */
	record Scheduled(String table, Duration delay, @Nullable String deletionTimeColumn, @Nullable String liveView,
			@Nullable String holdCondition) implements DeletionPolicy {

		/**
		 * The longest delay: 365,000 days. A due time beyond it would leave the range
		 * that a timestamp of the database can hold.
		 */
		public static final Duration MAX_DELAY = Duration.ofDays(365_000);

		/**
		 * A quoted text or name, a quote that is not closed, or any other character. A
		 * doubled quote belongs to the text, as does what follows a backslash in
		 * {@code E'it\'s'}.
		 */
		private static final Pattern TOKEN = Pattern.compile("""
				(?<![PART])[eE]'[^'\\\\]*+(?:(?:\\\\.|'')[^'\\\\]*+)*+' | (?<!(?<![PART])[eE])'[^']*+(?:''[^']*+)*+'
				| "[^"]*+(?:""[^"]*+)*+" | (?<![PART])(?<tag>\\$[NAME]*\\$).*?\\k<tag>
				| (?<open>(?<![PART])[eE]'|['"]|(?<![PART])\\$[NAME]*\\$) | -- | /\\* | .""".replace("PART", "NAME$")
			.replace("NAME", "A-Za-z0-9_\\x{80}-\\x{10FFFF}"), Pattern.COMMENTS | Pattern.DOTALL);

		public Scheduled {
			checkTable(table);
			checkText(table, "deletion-time column", deletionTimeColumn);
			checkText(table, "live view", liveView);
			checkText(table, "hold condition", holdCondition);
			checkHold(table, holdCondition);
			String complaint = complaintAbout(delay);
			if (complaint != null) {
				throw new InvalidDeletionPolicyException(
						"The delay of the policy for table '%s' %s.".formatted(table, complaint),
						"Write a delay of zero or more and up to %d days, such as Duration.ofDays(30) in code or 30d in properties."
							.formatted(MAX_DELAY.toDays()));
			}
		}

		/**
		 * Return the end of a sentence about what is wrong with a delay; {@code null} if
		 * nothing is.
		 */
		static @Nullable String complaintAbout(@Nullable Duration delay) {
			if (delay == null) {
				return "is null";
			}
			if (delay.isNegative()) {
				return "is negative (%s)".formatted(delay);
			}
			return (delay.compareTo(MAX_DELAY) > 0) ? "is longer than %d days (%s)".formatted(MAX_DELAY.toDays(), delay)
					: null;
		}

		@Override
		public DeletionMode mode() {
			return DeletionMode.SCHEDULED;
		}

		/**
		 * Say which column carries the deletion time.
		 * @param column the column, by SQL's identifier rules
		 * @return a new policy
		 */
		public Scheduled deletionTimeColumn(String column) {
			return new Scheduled(this.table, this.delay, column, this.liveView, this.holdCondition);
		}

		/**
		 * Say which view shows the live rows only. It stands for the table wherever rows
		 * are deleted, restored or asked for.
		 * @param view the view, by SQL's identifier rules
		 * @return a new policy
		 */
		public Scheduled liveView(String view) {
			return new Scheduled(this.table, this.delay, this.deletionTimeColumn, view, this.holdCondition);
		}

		/**
		 * Keep due rows from being purged while a condition is true.
		 * @param condition SQL on the row's own columns; neither sub-selects nor volatile
		 * functions
		 * @return a new policy
		 */
		public Scheduled holdCondition(String condition) {
			return new Scheduled(this.table, this.delay, this.deletionTimeColumn, this.liveView, condition);
		}

		private static void checkHold(String table, @Nullable String condition) {
			String complaint = (condition != null) ? complaintAbout(condition) : null;
			if (complaint != null) {
				throw new InvalidDeletionPolicyException(
						"The hold condition '%s' of the policy for table '%s' %s.".formatted(condition, table,
								complaint),
						"Write one SQL condition on the row's own columns, such as legal_hold or status = 'open'.");
			}
		}

		/**
		 * Return the end of a sentence about what is wrong with a hold condition, as far
		 * as that can be said without a database: it has to be one condition that stays
		 * inside the parentheses it is put into. The driver would send what follows a
		 * semicolon as a statement of its own.
		 */
		private static @Nullable String complaintAbout(String condition) {
			int depth = 0;
			for (Matcher token = TOKEN.matcher(condition); token.find();) {
				switch (token.group()) {
					case ";" -> {
						return "has a semicolon";
					}
					case "\0" -> {
						return "has a zero character";
					}
					case "--", "/*" -> {
						return "has a comment";
					}
					case "(" -> depth++;
					case ")" -> depth--;
					default -> {
						if (token.group("open") != null) {
							return "has a quote that is not closed";
						}
					}
				}
				if (depth < 0) {
					return "closes a parenthesis that it has not opened";
				}
			}
			return (depth > 0) ? "has a parenthesis that is not closed" : null;
		}

	}

	private static void checkTable(String table) {
		try {
			TableName.parse(table);
		}
		catch (UnknownTableException ex) {
			throw new InvalidDeletionPolicyException(
					"A policy was declared for '%s', which is not a valid table name: %s".formatted(table,
							ex.getMessage()),
					"Write table or schema.table, as in SQL.", ex);
		}
	}

	private static void checkText(String table, String what, @Nullable String text) {
		if (text != null && !StringUtils.hasText(text)) {
			throw new InvalidDeletionPolicyException(
					"The %s of the policy for table '%s' is blank.".formatted(what, table),
					"Name it, or leave it out.");
		}
	}

}
