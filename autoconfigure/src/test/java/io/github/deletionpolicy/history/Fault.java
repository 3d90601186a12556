package io.github.deletionpolicy.history;

/**
 * Something that goes wrong with a connection.
 *
 * @param type what
 * @param at before which statement of an operation or of a worker's transaction, counted
 * from one; where it concerns the commit, of no account
 */
record Fault(Type type, int at) {

	static final Fault NONE = new Fault(Type.NONE, 0);

	/**
	 * What can go wrong.
	 */
	enum Type {

		NONE, DELAY, DROPPED_BEFORE_STATEMENT, DROPPED_BEFORE_COMMIT, DROPPED_AFTER_COMMIT, SERIALIZATION_FAILURE,
		DEADLOCK, STATEMENT_TIMEOUT;

		boolean isAtCommit() {
			return this == DROPPED_BEFORE_COMMIT || this == DROPPED_AFTER_COMMIT;
		}

		/**
		 * Return the state that PostgreSQL would raise; empty if it raises none.
		 */
		String sqlState() {
			return switch (this) {
				case SERIALIZATION_FAILURE -> "40001";
				case DEADLOCK -> "40P01";
				case STATEMENT_TIMEOUT -> "57014";
				default -> "";
			};
		}

	}

	@Override
	public String toString() {
		return (this.type == Type.NONE) ? "" : " with " + this.type + (this.type.isAtCommit() ? "" : "@" + this.at);
	}

}
