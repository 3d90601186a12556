package io.github.deletionpolicy.test;

import io.github.deletionpolicy.doctor.Doctor;

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

	/**
	 * Assert something of what the doctor finds.
	 * @param doctor the bean
	 * @return the assertions
	 */
	public static DoctorAssert assertThat(Doctor doctor) {
		return new DoctorAssert(doctor);
	}

}
