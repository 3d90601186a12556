package io.github.deletionpolicy.catalog;

/**
 * Something in the database that does not fit the policies.
 *
 * @param severity how bad it is
 * @param text what it is, and what goes wrong because of it; whole sentences
 * @param ddl the statements that mend it, each with a semicolon at its end
 * @since 0.1
 */
public record Finding(Severity severity, String text, String ddl) {

	@Override
	public String toString() {
		return this.text + " Mend it: " + this.ddl;
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
