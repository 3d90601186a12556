package io.github.deletionpolicy.test;

import java.time.Instant;
import java.time.temporal.ChronoUnit;

import io.github.deletionpolicy.PendingPurges.PendingPurge;
import org.assertj.core.api.AbstractAssert;

/**
 * Assertions on a row. Where one fails, the message tells all that was found of the row.
 *
 * @since 0.1
 */
public class RowAssert extends AbstractAssert<RowAssert, RowState> {

	/**
	 * Create assertions.
	 * @param actual what was found of the row
	 */
	public RowAssert(RowState actual) {
		super(actual, RowAssert.class);
	}

	/**
	 * Verify that the row is there and not stamped as deleted.
	 * @return this
	 */
	public RowAssert isLive() {
		return verify(this.actual.isLive(), "to be live");
	}

	/**
	 * Verify that the row is there and stamped as deleted.
	 * @return this
	 */
	public RowAssert isDeleted() {
		return verify(this.actual.isDeleted(), "to be deleted, and still there");
	}

	/**
	 * Verify that there is no such row: it was removed for good, or never there.
	 * @return this
	 */
	public RowAssert isGone() {
		return verify(this.actual.isGone(), "to be gone");
	}

	/**
	 * Verify that the row is stamped as deleted and waits for its purge.
	 * @param purgeAt when it becomes due; what is below a microsecond is cut off, as the
	 * database does not keep it
	 * @return this
	 */
	public RowAssert isPendingPurgeAt(Instant purgeAt) {
		Instant expected = purgeAt.truncatedTo(ChronoUnit.MICROS);
		PendingPurge purge = this.actual.pendingPurge();
		return verify(this.actual.isDeleted() && purge != null && expected.equals(purge.purgeAt()),
				"to be deleted and to be purged at " + expected);
	}

	private RowAssert verify(boolean holds, String expectation) {
		if (!holds) {
			failWithMessage("%nExpecting row%n  %s of %s%n%s, but%n  %s", this.actual.id(), this.actual.table(),
					expectation, this.actual);
		}
		return this;
	}

}
