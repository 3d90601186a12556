package io.github.deletionpolicy.test;

/**
 * Entry point of the assertions, to be imported statically.
 *
 * @since 0.1
 */
public final class DeletionPolicyAssertions {

	private DeletionPolicyAssertions() {
	}

	/**
	 * Assert something of a row.
	 * @param actual what was found of it by {@link RowAssertions#find}
	 * @return the assertions
	 */
	public static RowAssert assertThat(RowState actual) {
		return new RowAssert(actual);
	}

}
