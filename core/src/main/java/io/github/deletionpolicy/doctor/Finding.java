package io.github.deletionpolicy.doctor;

import io.github.deletionpolicy.TableName;
import org.jspecify.annotations.Nullable;

/**
 * Something in the database that does not fit the policies.
 *
 * @param table the table; as its policy writes it if there is none
 * @param code which kind it is
 * @param text what it is, what goes wrong because of it and what to do; whole sentences
 * @param ddl the statements that fix it, each with a semicolon at its end; {@code null}
 * where none can
 * @since 0.1
 */
public record Finding(TableName table, FindingCode code, String text, @Nullable String ddl) {

	/**
	 * Return how bad it is.
	 * @return the severity of its kind
	 */
	public Severity severity() {
		return this.code.severity();
	}

	/**
	 * Return whether it is an error.
	 * @return whether calls fail, or do something else than the policy says
	 */
	public boolean isError() {
		return severity() == Severity.ERROR;
	}

	@Override
	public String toString() {
		return (this.ddl != null) ? this.text + " Fix it: " + this.ddl : this.text;
	}

	/**
	 * How bad a finding is.
	 */
	public enum Severity {

		/**
		 * Calls fail, or do something else than the policy says.
		 */
		ERROR,

		/**
		 * Something is not as good as it could be.
		 */
		WARNING

	}

}
