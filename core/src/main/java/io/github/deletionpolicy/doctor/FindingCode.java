package io.github.deletionpolicy.doctor;

import java.util.Locale;

import io.github.deletionpolicy.doctor.Finding.Severity;

/**
 * The kinds of findings. What each means, and how to fix it, is in the documentation.
 *
 * @since 0.1
 */
public enum FindingCode {

	/** There is no such table, or it cannot keep rows. */
	NO_TABLE(Severity.ERROR),
	/** The table has no primary key. */
	NO_PRIMARY_KEY(Severity.ERROR),
	/** Values of the primary key cannot be recorded safely. */
	PRIMARY_KEY_NOT_RECORDABLE(Severity.ERROR),
	/** The table has no column that carries the deletion time. */
	NO_DELETION_TIME(Severity.ERROR),
	/** That column is not {@code timestamptz} in microseconds. */
	DELETION_TIME_TYPE(Severity.ERROR),
	/** That column cannot be null. */
	DELETION_TIME_NOT_NULL(Severity.ERROR),
	/** Tables without a deletion time refer to each other in a circle. */
	CIRCLE_WITHOUT_DELETION_TIME(Severity.ERROR),
	/** The hold condition is not a condition on the row's own columns. */
	HOLD_CONDITION(Severity.ERROR),
	/** The live view does not exist. */
	LIVE_VIEW_MISSING(Severity.ERROR),
	/** What is named as the live view is not a view. */
	LIVE_VIEW_NO_VIEW(Severity.ERROR),
	/** The live view takes no inserts, updates or deletes. */
	LIVE_VIEW_NOT_UPDATABLE(Severity.ERROR),
	/** The live view selects from another table. */
	LIVE_VIEW_OF_OTHER_TABLE(Severity.ERROR),
	/** The live view shows deleted rows too. */
	LIVE_VIEW_SHOWS_DELETED(Severity.ERROR),
	/** The live view lacks a column of the primary key. */
	LIVE_VIEW_LACKS_KEY(Severity.ERROR),
	/** The current role may not do what deletes and purges have to do. */
	MISSING_PRIVILEGE(Severity.ERROR),
	/** Row-level security hides rows from the purge. */
	ROW_LEVEL_SECURITY(Severity.ERROR),
	/** Deleted rows keep holding values that have to be unique. */
	UNIQUE_INDEX_HOLDS_DELETED(Severity.WARNING),
	/** A unique index contains the deletion time, so it does not hold for live rows. */
	UNIQUE_INDEX_CONTAINS_DELETION_TIME(Severity.WARNING),
	/** A foreign key has no index on the columns that refer. */
	FOREIGN_KEY_WITHOUT_INDEX(Severity.WARNING),
	/** A table without a policy refers by a key that refuses deletes. */
	RESTRICTING_KEY_WITHOUT_POLICY(Severity.WARNING),
	/** A child table of an aggregate has no foreign key to its owner. */
	OWNED_TABLE_WITHOUT_FOREIGN_KEY(Severity.WARNING),
	/** A row trigger runs on deletes. */
	TRIGGER_ON_DELETE(Severity.WARNING),
	/** A row trigger on updates can write the deletion time. */
	TRIGGER_WRITES_DELETION_TIME(Severity.WARNING),
	/** A mapped property writes the deletion time. */
	MAPPED_DELETION_TIME_WRITABLE(Severity.WARNING),
	/** A hold flag can be null, which does not hold. */
	NULLABLE_HOLD_FLAG(Severity.WARNING),
	/** The live view lacks a column other than those of the primary key. */
	LIVE_VIEW_LACKS_COLUMN(Severity.WARNING),
	/** The live view hides more than deleted rows. */
	LIVE_VIEW_FURTHER_CONDITIONS(Severity.WARNING);

	private final Severity severity;

	FindingCode(Severity severity) {
		this.severity = severity;
	}

	/**
	 * Return how bad a finding of this kind is.
	 * @return the severity
	 */
	public Severity severity() {
		return this.severity;
	}

	/**
	 * Return the stable name for logs, documents and machines.
	 * @return the name, such as {@code no-table}
	 */
	public String id() {
		return name().toLowerCase(Locale.ROOT).replace('_', '-');
	}

	@Override
	public String toString() {
		return id();
	}

}
