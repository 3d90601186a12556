package io.github.deletionpolicy.sample.trash;

import java.time.Instant;

import org.jspecify.annotations.Nullable;

/**
 * A deleted row as the trash shows it.
 *
 * @param row the row
 * @param word what kind of thing it is
 * @param purgeAt when it goes; {@code null} if no purge is pending
 * @param fate what keeps it, or that nothing does
 * @param error why the last purge could not remove it; {@code null} if there was no
 * failed attempt
 */
record TrashItem(DeletedRow row, String word, @Nullable Instant purgeAt, Fate fate, @Nullable String error) {

	/**
	 * Where its pages are; public for the templates.
	 */
	public String path() {
		return "/trash/" + this.row.tableName() + "/" + this.row.id();
	}

	/**
	 * What will become of it.
	 */
	enum Fate {

		/** It goes when its time has come. */
		COUNTING,
		/** Its time has come: it goes with the next run. */
		DUE,
		/** Its time has come, and the purge is paused. */
		PAUSED,
		/** It is on hold. */
		HELD,
		/** The purge failed and will be retried. */
		STUCK,
		/** It stays: no purge is pending. */
		STAYS

	}

}
